"""The rule of admission at a centre on a day."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from core.sdk import Refusal, _, policies
from modules.facilities import api as facilities

KEY = "enrollment.admission.daycare"


class NoRule(Refusal):
    """Nothing says who comes first here, so nobody can apply."""

    code: ClassVar[str] = "enrollment.no-rule"


def rule(facility_id: int, on: date, kind: str | None = None) -> policies.Policy:
    """The policy in force at a centre; its kind is looked up unless it is known. Raises `NoRule`."""
    try:
        return policies.resolve(KEY, place=facility_id, on=on, kind=kind or kind_of(facility_id))
    except policies.NoPolicy:
        raise NoRule(_("No rule of admission holds for this centre, so nobody can apply here this way. Ask the centre.")) from None


def kind_of(facility_id: int) -> str:
    """What kind of centre it is, for rules differ by it; empty for a number that is none."""
    found = facilities.centre(facility_id)
    return found.kind if found else ""


def codes(facility_id: int, on: date) -> list[str]:
    """The circumstances a family may claim at a centre; that a sibling attends is known and needs no claim."""
    value: Any = rule(facility_id, on).value
    return [item["code"] for item in value["items"] if item["code"] != SIBLING]


def claimable(facility_id: int, on: date) -> list[str]:
    """The same, empty where no rule says who comes first."""
    try:
        return codes(facility_id, on)
    except NoRule:
        return []


#: The circumstance the register itself proves.
SIBLING = "sibling_attending"
