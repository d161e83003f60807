"""Read the log: everybody may."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import db
from modules.transparency.models import Leaf

#: So many leaves at most in one reading: a bundle of static files has 256.
MOST = 4_096


def size() -> int:
    """How many leaves there are; everybody may know, nobody is asked: internal to pages and the signer."""
    last = db.session.scalar(sa.select(Leaf.index).order_by(Leaf.index.desc()).limit(1))
    return 0 if last is None else int(last) + 1


def leaves(start: int, end: int, place: int | None = None) -> list[Leaf]:
    """The leaves from `start` to before `end`, up to `MOST` of them; of one place's lists if asked; public, so internal asks nobody."""
    query = sa.select(Leaf).where(Leaf.index >= start, Leaf.index < end)
    if place is not None:
        query = query.where(Leaf.place_no == place)
    return list(db.session.scalars(query.order_by(Leaf.index).limit(MOST)))
