"""What security must know of a place number, read below the region tree: its level and its region."""

from __future__ import annotations

import sqlalchemy as sa

from core.db.base import db

_LEVEL = sa.text(
    "select coalesce((select level from core.region where no = :no), "
    "(select 'facility' from core.place where no = :no))"
)
_END = sa.text("select hi from core.region where no = :no")
_REGION = sa.text("select no from core.region where :no between no and hi order by no desc limit 1")


def level_of(number: int) -> str | None:
    """country, province, district or facility; None when nothing has this number."""
    found: str | None = db.session.execute(_LEVEL, {"no": number}).scalar()
    return found


def region_of(number: int) -> int | None:
    """The number of the smallest region whose block holds this number."""
    found: int | None = db.session.execute(_REGION, {"no": number}).scalar()
    return found


def end_of(number: int) -> int:
    """The last number of a region's block; a facility's own number."""
    found: int | None = db.session.execute(_END, {"no": number}).scalar()
    return number if found is None else found
