"""What other modules may ask of the register."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from core.sdk import db, scope
from modules.facilities.models import Facility
from modules.facilities.models.facility import OPEN_STATUSES

__all__ = ["code_of", "codes", "kind_of", "names", "takes_children"]


def names(numbers: Iterable[int]) -> dict[int, str]:
    """What centres are called, published or not, for pages of those who have to do with them; an unknown one by its number."""
    wanted = sorted(set(numbers))
    query = sa.select(Facility.id, Facility.name).where(Facility.id.in_(wanted))
    if scope.current().kind == "system":  # no second connection for who holds one already
        rows = db.session.execute(query).all()
    else:
        with scope.system("what a centre is called"):
            rows = db.session.execute(query).all()
    found = {row.id: row.name for row in rows}
    return {number: found.get(number, str(number)) for number in wanted}


def codes(numbers: Iterable[int]) -> dict[int, str]:
    """The public codes of published centres, for links to their pages; others are left out."""
    with scope.public():
        rows = db.session.execute(sa.select(Facility.id, Facility.code).where(Facility.id.in_(sorted(set(numbers)))))
        return {row.id: row.code for row in rows}


def code_of(facility_id: int) -> str:
    """The public code of a published centre; empty for another."""
    return codes([facility_id]).get(facility_id, "")


def takes_children(facility_id: int) -> bool:
    """Whether a published centre is open, so that a family may ask it for a place."""
    with scope.public():
        return db.session.scalar(sa.select(Facility.status).where(Facility.id == facility_id)) in OPEN_STATUSES


def kind_of(facility_id: int) -> str:
    """What kind of centre it is, published or not: rules differ by it; empty for a number that is none."""
    query = sa.select(Facility.kind).where(Facility.id == facility_id)
    if scope.current().kind == "system":  # no second connection for who holds one already
        return db.session.scalar(query) or ""
    with scope.system("rules differ by the kind of a centre"):
        return db.session.scalar(query) or ""
