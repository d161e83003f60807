"""What a family asks about its data: correction, erasure, objection; answered by the district in time (rulebook D24)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, policies, publish, require, scope
from modules.families.events import RequestAnswered
from modules.families.models import Child, Family, Request
from modules.families.services import persons

KINDS = ("correction", "erasure", "objection")
DAYS = "families.requests.days"
MAX_OPEN = 10


class BadRequest(Refusal):
    """A request that says nothing, or an answer to one that was answered."""

    code: ClassVar[str] = "family.bad-request"
    http: ClassVar[int] = 422


def ask_about_data(family: Family, kind: str, text: str, *, child: Child | None = None) -> Request:
    """File a request; the same words again while it is open are the same request."""
    require("families.request.make")
    words = persons.text(text)
    if kind not in KINDS:
        raise BadRequest(_("Choose what you ask for."))
    if not words:
        raise BadRequest(_("Say in a few words what is wrong or what shall be erased."))
    rows = db.session.scalars(
        sa.select(Request).where(Request.family_id == family.id, Request.state == "open").limit(MAX_OPEN)
    ).all()
    there = next((one for one in rows if (one.kind, one.text) == (kind, words)), None)
    if there is not None:  # a double click
        return there
    if len(rows) >= MAX_OPEN:
        raise BadRequest(_("%(most)s requests wait for an answer already.", most=MAX_OPEN))
    made = Request(
        family_id=family.id, child_id=child.id if child else None, region_no=family.region_no, kind=kind, text=words,
        due_on=due(family.region_no, scope.current().on_date),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def answer(number: int, *, done: bool, text: str) -> None:
    """Answer a request with what was done, or why not; the family is told."""
    found = request_of(number)
    require("families.request.answer", at=found.region_no)
    words = persons.text(text)
    if not words:
        raise BadRequest(_("Say what was done, or why it cannot be done."))
    if found.state != "open":
        raise BadRequest(_("This request was answered already."))
    found.state, found.answer, found.answered_at = "done" if done else "refused", words, datetime.now(UTC)
    db.session.flush()
    publish(RequestAnswered(found.id, found.family_id, done, words), place=found.region_no)


def request_of(number: int) -> Request:
    """A request one may see, or `NotFound`."""
    require("families.request.read")
    found = db.session.get(Request, number)
    if found is None:
        raise NotFound(_("There is no such request here."))
    return found


def requests_of(family_id: int) -> list[Request]:
    """The latest requests of a family, newest first."""
    require("families.request.read")
    query = sa.select(Request).where(Request.family_id == family_id).order_by(Request.id.desc()).limit(50)
    return list(db.session.scalars(query))


def due(place: int, on: date) -> date:
    """The day by which a request made on a day must be answered."""
    return on + timedelta(days=int(policies.resolve(DAYS, place=place, on=on).value))
