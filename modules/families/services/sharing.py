"""Which centres see a child: those the family applied to, for as long as that lasts; other modules say so by `api`."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import db, require, scope
from modules.families.models import Child, Sharing

MAX_SHARINGS = 100


def share(child_id: int, family_id: int, facility_id: int, purpose: str) -> None:
    """Let a centre see a child for a purpose; internal to the services of whoever asked, under a system scope."""
    query = sa.select(Sharing.id).where(
        Sharing.child_id == child_id, Sharing.facility_id == facility_id, Sharing.purpose == purpose,
        Sharing.ends_on.is_(None),
    )  # fmt: skip
    if db.session.scalar(query) is None:
        db.session.add(
            Sharing(
                child_id=child_id, family_id=family_id, facility_id=facility_id, purpose=purpose,
                since=scope.current().on_date,
            )
        )  # fmt: skip
        db.session.execute(sa.update(Child).where(Child.id == child_id).values(left_on=None))
        db.session.flush()


def unshare(child_id: int, facility_id: int, purpose: str) -> None:
    """End what `share` began; internal to the services of whoever asked, under a system scope."""
    query = sa.select(Sharing).where(
        Sharing.child_id == child_id, Sharing.facility_id == facility_id, Sharing.purpose == purpose,
        Sharing.ends_on.is_(None),
    )  # fmt: skip
    for one in db.session.scalars(query):
        one.ends_on = scope.current().on_date
    db.session.flush()
    if not db.session.scalar(sa.select(sa.exists().where(Sharing.child_id == child_id, Sharing.ends_on.is_(None)))):
        db.session.execute(sa.update(Child).where(Child.id == child_id).values(left_on=scope.current().on_date))


def seen_by(family_id: int) -> list[Sharing]:
    """Which centres may see which child of a family now."""
    require("families.sharing.read")
    query = sa.select(Sharing).where(Sharing.family_id == family_id, Sharing.ends_on.is_(None))
    return list(db.session.scalars(query.order_by(Sharing.id).limit(MAX_SHARINGS)))
