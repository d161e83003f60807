"""What other modules may ask of the register."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import db, scope
from modules.facilities.models import Facility

__all__ = ["code_of"]


def code_of(facility_id: int) -> str:
    """The public code of a published centre, for links to its page; empty for another."""
    with scope.public():
        return db.session.scalar(sa.select(Facility.code).where(Facility.id == facility_id)) or ""
