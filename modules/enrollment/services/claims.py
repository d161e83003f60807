"""Circumstances: claimed by the family, verified or rejected by those who see the evidence; then every list is judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, policies, publish, require, scope
from modules.enrollment.events import ClaimDecided
from modules.enrollment.models import Application, Claim
from modules.enrollment.services import writing
from modules.enrollment.services.policy import SIBLING, rule
from modules.families import api as families


class BadClaim(Refusal):
    """A circumstance that cannot be claimed or decided this way."""

    code: ClassVar[str] = "enrollment.bad-claim"


def claim(child_id: int, code: str, *, facility_id: int) -> int:
    """Claim a circumstance for one's own child, or for a family at the counter; gives its number, again the same one. Commits."""
    own = scope.current().own_only
    require("enrollment.claim.create" if own else "enrollment.claim.enter", at=None if own else facility_id)
    child = families.children([child_id]).get(child_id)
    if child is None:
        raise NotFound(_("There is no such child here."))
    with scope.system("a family claims a circumstance"):
        writing.lock("child", child_id)
        number = claim_within(child, [code], rule(facility_id, scope.current().on_date))[0]
        db.session.commit()
    return number


def claim_within(child: families.ChildFacts, codes: Sequence[str], policy: policies.Policy) -> list[int]:
    """Claim circumstances under the lock of the child, as the system; internal to the services that asked."""
    known = {item["code"] for item in policy.value["items"]} - {SIBLING}
    if set(codes) - known:
        raise BadClaim(_("This circumstance is not claimed here."))
    rows = db.session.execute(
        sa.select(Claim.code, Claim.id).where(Claim.child_id == child.id, Claim.status.in_(("claimed", "verified")))
    )
    there = {row.code: int(row.id) for row in rows}
    made = {
        code: Claim(child_id=child.id, family_id=child.family_id, region_no=child.region_no, code=code)
        for code in dict.fromkeys(codes)
        if code not in there
    }
    db.session.add_all(made.values())
    db.session.flush()
    return [there[code] if code in there else int(made[code].id) for code in codes]


def take_back(number: int) -> None:
    """The family no longer claims a circumstance. Commits."""
    require("enrollment.claim.withdraw")
    _decided(_seen(number), "withdrawn", "")


def verify(number: int, *, proven: bool, note: str, facility_id: int) -> None:
    """Say that the evidence proves the claim, or why it does not; all lists of the child are judged anew. Commits."""
    require("enrollment.claim.verify", at=facility_id)
    words = " ".join(note.split())
    if not words:
        raise BadClaim(_("Say which evidence you saw, or why it proves nothing."))
    found = _seen(number)
    applied = db.session.scalar(
        sa.select(sa.exists().where(Application.child_id == found.child_id, Application.facility_id == facility_id))
    )
    if not applied:
        raise NotFound(_("The family has not applied here."))
    if found.status not in ("claimed", "verified"):
        raise BadClaim(_("This claim stands no longer."))
    _decided(found, "verified" if proven else "rejected", words, told_at=facility_id)


def _seen(number: int) -> Claim:
    require("enrollment.claim.read")
    found = db.session.get(Claim, number)
    if found is None:
        raise NotFound(_("There is no such claim here."))
    return found


def _decided(found: Claim, status: str, note: str, *, told_at: int | None = None) -> None:
    number, child_id, by = found.id, found.child_id, scope.current().account_id
    with scope.system("a circumstance was decided"):
        writing.lock("child", child_id)
        claimed = db.session.get_one(Claim, number)
        claimed.status, claimed.note = status, note
        claimed.decided_by, claimed.decided_at = by, datetime.now(UTC)
        db.session.flush()
        writing.judge_again(child_id)
        if told_at is not None:
            publish(ClaimDecided(number, child_id, told_at, status == "verified", note), place=told_at)
        db.session.commit()
