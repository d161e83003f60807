"""Which papers an application needs: told before a family begins, and beside each circumstance that they prove (S1-122…S1-125)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.sdk import policies, scope
from modules.enrollment.services.policy import kind_of

KEY = "enrollment.papers.asked"


@dataclass(frozen=True)
class Needed:
    """Kinds of papers: for admission, and for each circumstance."""

    admission: tuple[str, ...]
    proof: dict[str, tuple[str, ...]]


def needed(facility_id: int) -> Needed:
    """What a centre's rules ask for today; nothing where no rule says so."""
    try:
        value: Any = policies.resolve(
            KEY, place=facility_id, on=scope.current().on_date, kind=kind_of(facility_id)
        ).value
    except policies.NoPolicy:
        return Needed((), {})
    return Needed(tuple(value["admission"]), {code: tuple(kinds) for code, kinds in value["proof"].items()})
