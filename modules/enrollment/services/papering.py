"""A paper list goes into the public log as one batch, in the order of its dates, before the first offer (S2-44, docs/log.md)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, publish, require, scope
from modules.enrollment import rules
from modules.enrollment.events import ApplicationMade
from modules.enrollment.models import OPEN, Application, PaperEntry
from modules.enrollment.services import writing
from modules.enrollment.services.applying import AHEAD, rule_for
from modules.enrollment.services.claims import claim_within
from modules.families import api as families
from modules.transparency import api as log

#: The longest paper list.
MOST = 2_000


class BadPaper(Refusal):
    """A line that cannot stand on a paper list, or a list that cannot be taken over any more."""

    code: ClassVar[str] = "enrollment.bad-paper"


def note(child_id: int, facility_id: int, *, applied_on: date, wanted_from: date, claimed: Sequence[str] = ()) -> int:
    """Copy one line of the centre's paper list; noted again it is corrected. Gives its number. Commits."""
    require("enrollment.application.enter", at=facility_id)
    child = families.children([child_id]).get(child_id)
    if child is None:
        raise NotFound(_("There is no such child here."))
    today = scope.current().on_date
    if not date(today.year - 7, 1, 1) <= applied_on <= today:
        raise BadPaper(_("Give the day that stands on the paper: not in the future, at most seven years ago."))
    if (wanted_from - today).days > AHEAD.days:
        raise BadPaper(_("Choose a day from today on, at most three years ahead."))
    waits = sa.exists().where(Application.child_id == child_id, Application.facility_id == facility_id, Application.state.in_(OPEN))
    if db.session.scalar(sa.select(waits)):
        raise BadPaper(_("The child waits here already. Withdraw that application first, if the paper is older."))
    found = db.session.scalar(sa.select(PaperEntry).where(PaperEntry.child_id == child_id, PaperEntry.facility_id == facility_id))
    if found is not None and found.taken_at is not None:
        raise BadPaper(_("This line was taken over already."))
    if found is None:
        found = PaperEntry(facility_id=facility_id, child_id=child_id)
        db.session.add(found)
    found.applied_on, found.wanted_from, found.claims = applied_on, max(wanted_from, today), sorted(set(claimed))
    db.session.flush()
    number = int(found.id)
    db.session.commit()
    return number


def noted(facility_id: int) -> list[PaperEntry]:
    """The lines copied so far, in the order of their dates."""
    require("enrollment.application.enter", at=facility_id)
    query = sa.select(PaperEntry).where(PaperEntry.facility_id == facility_id, PaperEntry.taken_at.is_(None))
    return list(db.session.scalars(query.order_by(PaperEntry.applied_on, PaperEntry.id).limit(MOST)))


@dataclass(frozen=True)
class Taken:
    """How many lines were taken over, and the children that could not be, with the reason."""

    count: int
    left: tuple[tuple[int, str], ...]


def take_over(facility_id: int) -> Taken:
    """Put the copied paper list into the public log, once, in the order of its dates; the families are told. Commits.

    Raises `BadPaper` when a list of the centre has had an offer already, or a paper list before.
    """
    require("enrollment.application.take_over", at=facility_id)
    rows = noted(facility_id)
    if not rows:
        raise BadPaper(_("Nothing was copied yet. Enter the lines of the paper list at the counter."))
    numbers = [row.id for row in rows]
    batch, left, count = secrets.token_hex(8), [], 0
    with scope.system("a centre takes its paper list over"):
        writing.lock("list", facility_id)
        mine = db.session.scalars(
            sa.select(PaperEntry).where(PaperEntry.id.in_(numbers), PaperEntry.taken_at.is_(None)).order_by(PaperEntry.applied_on, PaperEntry.id)
        ).all()
        known = families.children({row.child_id for row in mine})
        numbered: dict[str, int] = {}
        for row in mine:
            try:
                _enter(row, known[row.child_id], batch, numbered)
            except Refusal as refused:
                if isinstance(refused, BadPaper):
                    raise
                left.append((row.child_id, str(refused)))
                continue
            row.taken_at = datetime.now(UTC)
            count += 1
        db.session.commit()
    return Taken(count, tuple(left))


def _enter(row: PaperEntry, child: families.ChildFacts, batch: str, numbered: dict[str, int]) -> None:
    today = scope.current().on_date
    centre, policy = rule_for(child, row.facility_id, today)
    wanted = max(row.wanted_from, today)
    born = child.born_on or child.expected_on
    assert born is not None  # the register demands one
    age = min(rules.class_age(born, wanted), rules.OLDEST_CLASS)
    name = f"{centre.code}/{rules.list_name(age, wanted, today)}"
    if name not in numbered:
        _refuse_late(name)
    numbered[name] = numbered.get(name, 0) + 1
    if row.claims:
        claim_within(child, row.claims, policy)
    application = Application(
        facility_id=row.facility_id, child_id=child.id, family_id=child.family_id, wanted_from=wanted, channel="paper"
    )
    db.session.add(application)
    db.session.flush()
    writing.arrive(
        application, child, centre.code, age, policy,
        paper={"batch": batch, "number": numbered[name], "original": row.applied_on.isoformat()},
    )  # fmt: skip
    families.share(child.id, child.family_id, row.facility_id, "application")
    publish(ApplicationMade(application.id, row.facility_id, child.id), place=row.facility_id)


def _refuse_late(name: str) -> None:
    """A paper list comes before the first offer, and once."""
    before = {one.kind for one in log.steps(list_name=name, kinds=("offer", "migrate"), limit=1)}
    if "offer" in before:
        raise BadPaper(_("A place of this list was offered already: a paper list is taken over before the first offer."))
    if "migrate" in before:
        raise BadPaper(_("A paper list was taken over already, and everybody saw it: who was forgotten applies now."))
