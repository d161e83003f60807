"""What other modules may ask of the register."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import db, scope
from modules.facilities.models import Facility
from modules.facilities.models.facility import OPEN_STATUSES

__all__ = ["code_of", "kind_of", "takes_children"]


def code_of(facility_id: int) -> str:
    """The public code of a published centre, for links to its page; empty for another."""
    with scope.public():
        return db.session.scalar(sa.select(Facility.code).where(Facility.id == facility_id)) or ""


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
