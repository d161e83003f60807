"""Filling an application in, step by step, on one device or several, and sending it once (F-51)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, require, scope
from modules.enrollment.models import OPEN, Application, Draft
from modules.enrollment.services.applying import CannotApply, apply

#: Child and day, circumstances, consents, check and send.
STEPS = 4
MANY = 20


class StaleDraft(Refusal):
    """The page is older than what another device or tab has saved."""

    code: ClassVar[str] = "enrollment.stale-draft"
    http: ClassVar[int] = 409


def draft_of(facility_id: int) -> Draft | None:
    """What the person signed in has filled in for a centre."""
    require("enrollment.draft.read")
    return db.session.scalar(
        sa.select(Draft).where(Draft.facility_id == facility_id, Draft.account_id == scope.current().account_id)
    )


def drafts() -> list[Draft]:
    """All one has begun and not sent, the latest first."""
    require("enrollment.draft.read")
    query = sa.select(Draft).where(Draft.account_id == scope.current().account_id).order_by(Draft.saved_at.desc())
    return list(db.session.scalars(query.limit(MANY)))


def save(
    facility_id: int, *, version: int, child_id: int | None = None, wanted_from: date | None = None,
    claims: Sequence[str] | None = None, step: int | None = None,
) -> Draft:  # fmt: skip
    """Keep what was filled in; None leaves a field as it is. Raises `StaleDraft` when another device was faster."""
    require("enrollment.draft.save")
    me = scope.current()
    found = draft_of(facility_id)
    if found is None:
        found = Draft(account_id=me.account_id, facility_id=facility_id, region_no=me.place, claims=[], step=1, version=0)
        db.session.add(found)
    else:
        db.session.refresh(found, with_for_update=True)
    if found.version != version:
        raise StaleDraft(_("This application went on on another device or in another window. Below stands what was saved last."))
    found.child_id = found.child_id if child_id is None else child_id
    found.wanted_from = found.wanted_from if wanted_from is None else wanted_from
    found.claims = found.claims if claims is None else sorted(set(claims))[:MANY]
    found.step = found.step if step is None else max(1, min(step, STEPS))
    found.version, found.saved_at = version + 1, sa.func.clock_timestamp()
    db.session.flush()
    return found


def drop(facility_id: int) -> None:
    """Throw away what was filled in."""
    require("enrollment.draft.save")
    found = draft_of(facility_id)
    if found is not None:
        db.session.delete(found)
        db.session.flush()


def send(facility_id: int) -> int:
    """Send what was filled in; gives the application's number. Sent again, from a second window, the same one. Commits."""
    require("enrollment.draft.save")
    found = draft_of(facility_id)
    if found is None:
        return _sent_already(facility_id)
    if found.child_id is None or found.wanted_from is None:
        raise CannotApply(_("Choose the child and the day first."))
    return apply(found.child_id, facility_id, wanted_from=found.wanted_from, claimed=found.claims, draft=found.id)


def _sent_already(facility_id: int) -> int:
    number = db.session.scalar(
        sa.select(Application.id)
        .where(Application.facility_id == facility_id, Application.state.in_(OPEN))
        .order_by(Application.id.desc())
        .limit(1)
    )
    if number is None:
        raise CannotApply(_("Choose the child and the day first."))
    return int(number)
