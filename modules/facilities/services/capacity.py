"""Places: asked by the centre, checked against floor area, decided by the district, in force from a day (S1-112, S1-113, K4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, policies, publish, require, scope
from modules.facilities import rules
from modules.facilities.events import CapacityChanged, CapacityRequested
from modules.facilities.models import CapacityChange, Facility


class CapacityRefused(Refusal):
    """A change of capacity that cannot be asked for, decided or put in force."""

    code: ClassVar[str] = "facility.capacity"


@dataclass(frozen=True)
class Allowance:
    """What the floor allows: the figure with its explanation, and whether the district may agree on more (K3)."""

    figure: rules.Figure
    binding: bool


def allowance(
    facility: Facility, total_area_m2: Decimal | None, room_area_m2: Decimal | None, on: date
) -> Allowance | None:
    """The most children the floor allows for this kind on a day; None where no rule or no area speaks."""
    key = rules.KIUM if facility.kind.startswith("KIUM_") else rules.DAYCARE
    try:
        known = {key: policies.resolve(key, place=facility.id, on=on, kind=facility.kind)}
    except policies.NoPolicy:
        return None
    if key == rules.KIUM:
        area = total_area_m2 or room_area_m2
        return Allowance(rules.kium_capacity(area, known).base, binding=False) if area else None
    if total_area_m2 is None or room_area_m2 is None:
        return None
    return Allowance(rules.daycare_capacity(total_area_m2, room_area_m2, known), binding=True)


def _as_json(found: Allowance | None) -> dict[str, Any]:
    if found is None:
        return {}
    lines = [
        {"code": line.code, "arithmetic": line.arithmetic, "value": line.value} for line in found.figure.lines
    ]
    return {
        "value": found.figure.value,
        "binding": found.binding,
        "lines": lines,
        "policy_ids": list(found.figure.policy_ids),
    }


def request_capacity(
    facility: Facility, *, wanted: int, effective_on: date, reason: str,
    total_area_m2: Decimal | None = None, room_area_m2: Decimal | None = None,
) -> CapacityChange:  # fmt: skip
    """The centre asks for another number of places; until the district approves, the old number rules."""
    require("facilities.capacity_change.create", at=facility.id)
    if wanted < 0 or not reason.strip():
        raise CapacityRefused(_("Name a number of places of zero or more, and the reason."))
    if effective_on < scope.current().on_date:
        raise CapacityRefused(_("The change must begin today or later: choose another day."))
    if _open_request(facility.id) is not None:
        raise CapacityRefused(
            _("A request is waiting for the district already: withdraw it before asking again.")
        )
    total, room = total_area_m2 or facility.total_area_m2, room_area_m2 or facility.room_area_m2
    change = CapacityChange(
        facility_id=facility.id, before=facility.capacity, wanted=wanted, effective_on=effective_on, reason=reason,
        total_area_m2=total, room_area_m2=room, figures=_as_json(allowance(facility, total, room, effective_on)),
        requested_by=scope.current().account_id,
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    publish(CapacityRequested(facility.id, change.id, wanted), place=facility.id)
    return change


def decide_capacity(change: CapacityChange, *, approve: bool, decision: str) -> CapacityChange:
    """The district decides with a reason; another person than the one who asked, and never above what the area allows
    without saying why (S1-113, four eyes)."""
    require("facilities.capacity_change.approve", at=change.facility_id)
    if change.state != "requested":
        raise CapacityRefused(_("This request was decided or withdrawn already."))
    if change.requested_by is not None and change.requested_by == scope.current().account_id:
        raise CapacityRefused(_("Whoever asked cannot decide: let another officer of the district do it."))
    if not decision.strip():
        raise CapacityRefused(_("A decision needs its reason in one line."))
    facility = _facility(change.facility_id)
    if approve and facility.enrolled is not None and change.wanted < facility.enrolled:
        raise CapacityRefused(
            _(
                "%(count)s children are enrolled: fewer places can begin only when they have left.",
                count=facility.enrolled,
            )
        )
    most = change.figures.get("value")
    if approve and most is not None and change.figures.get("binding") and change.wanted > most:
        raise CapacityRefused(
            _(
                "The floor area allows %(most)s children at most: reject, or have the areas corrected.",
                most=most,
            )
        )
    change.state = "approved" if approve else "rejected"
    change.decided_by, change.decided_at, change.decision = (
        scope.current().account_id,
        datetime.now(UTC),
        decision,
    )
    db.session.flush()
    if approve and change.effective_on <= scope.current().on_date:
        _enforce(change, facility)
    return change


def withdraw_capacity(change: CapacityChange) -> None:
    """The centre takes its request back before it was decided."""
    require("facilities.capacity_change.withdraw", at=change.facility_id)
    if change.state != "requested":
        raise CapacityRefused(_("This request was decided or withdrawn already."))
    change.state = "withdrawn"
    db.session.flush()


def put_in_force(on: date, limit: int = 500) -> int:
    """Let approved changes whose day has come take effect; the nightly job calls it as the system."""
    require("facilities.capacity_change.approve")
    due = db.session.scalars(
        sa.select(CapacityChange)
        .where(CapacityChange.state == "approved", CapacityChange.effective_on <= on)
        .order_by(CapacityChange.effective_on, CapacityChange.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    facilities = {
        f.id: f
        for f in db.session.scalars(sa.select(Facility).where(Facility.id.in_({c.facility_id for c in due})))
    }
    for change in due:
        _enforce(change, facilities[change.facility_id])
    return len(due)


def _enforce(change: CapacityChange, facility: Facility) -> None:
    facility.capacity = change.wanted
    if change.total_area_m2 is not None:
        facility.total_area_m2 = change.total_area_m2
    if change.room_area_m2 is not None:
        facility.room_area_m2 = change.room_area_m2
    facility.changed_at = sa.func.clock_timestamp()
    change.state = "in_force"
    db.session.flush()
    publish(
        CapacityChanged(facility.id, change.before, change.wanted, change.effective_on), place=facility.id
    )


def _open_request(facility_id: int) -> Any:
    return db.session.scalar(
        sa.select(CapacityChange.id)
        .where(CapacityChange.facility_id == facility_id, CapacityChange.state == "requested")
        .limit(1)
    )


def _facility(number: int) -> Facility:
    found = db.session.get(Facility, number, with_for_update=True)
    assert found is not None
    return found
