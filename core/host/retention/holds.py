"""Legal holds: while one stands, nothing of a module is purged or uninstalled at a place, whatever its age."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import DolbomError, NotFound
from core.regions.atlas import atlas
from core.security import scope as scopes
from core.security.access import require
from core.security.identity import EVERYWHERE
from core.security.rows import PlaceScoped


class HoldNeedsReason(DolbomError):
    """A hold was placed or lifted without saying why."""

    code: ClassVar[str] = "retention.no-reason"


class LegalHold(PlaceScoped, db.Model):
    """Someone said that a module's data at a place must stay: a court case, an audit, a parent's request (D8, D24)."""

    __tablename__ = "legal_hold"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    module: Mapped[str]
    place_no: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)  # type: ignore[assignment]
    reason: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id"), index=True
    )
    placed_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    lifted_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    lifted_by: Mapped[int | None] = mapped_column(sa.BigInteger, sa.ForeignKey("core.account.id"), index=True)
    lifted_because: Mapped[str] = mapped_column(server_default="")


def place_hold(module: str, place: int | None, reason: str) -> int:
    """Hold a module's data at a place (a region holds everything inside it; None everywhere); returns its number."""
    require("core.retention.hold", at=EVERYWHERE if place is None else place)
    _explained(reason)
    with scopes.system(f"legal hold: {reason}"):
        hold = LegalHold(module=module, place_no=place, reason=reason, account_id=scopes.current().account_id)
        db.session.add(hold)
        db.session.commit()
        return hold.id


def lift_hold(number: int, reason: str) -> None:
    """End a hold; it stays on record with who lifted it and why."""
    with scopes.system("look a legal hold up"):
        place = db.session.execute(
            sa.select(LegalHold.place_no).where(LegalHold.id == number, LegalHold.lifted_at.is_(None))
        ).one_or_none()
    if place is None:
        raise NotFound(f"There is no hold {number} in force: see the list of holds.")
    require("core.retention.hold", at=EVERYWHERE if place.place_no is None else place.place_no)
    _explained(reason)
    with scopes.system(f"legal hold lifted: {reason}"):
        hold = db.session.get_one(LegalHold, number)
        hold.lifted_at, hold.lifted_because = sa.func.clock_timestamp(), reason
        hold.lifted_by = scopes.current().account_id
        db.session.commit()


def holds(place: int | None = None, module: str | None = None) -> list[LegalHold]:
    """The holds in force that touch a place (None: all), newest first; asks for the right to see them there."""
    at = EVERYWHERE if place is None else place
    require("core.retention.read", at=at)
    low, high = block(at)
    with scopes.system("list legal holds"):
        found = standing(module)
        touching = [
            hold for hold, (first, last) in found if hold.place_no is None or (first <= high and last >= low)
        ]
        db.session.expunge_all()
        return touching


def standing(module: str | None = None) -> list[tuple[LegalHold, tuple[int, int]]]:
    """The holds in force with the block of place numbers each covers. Needs a system scope."""
    query = sa.select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.id.desc())
    if module is not None:
        query = query.where(LegalHold.module == module)
    return [
        (hold, block(EVERYWHERE if hold.place_no is None else hold.place_no))
        for hold in db.session.scalars(query)
    ]


def block(place: int) -> tuple[int, int]:
    """The place numbers inside a region, a single facility's, or all for EVERYWHERE."""
    if place == EVERYWHERE:
        return 0, 2**53
    node = atlas().nodes.get(place)
    return (node.no, node.hi) if node else (place, place)


def _explained(reason: str) -> None:
    if not reason.strip():
        raise HoldNeedsReason("Say why: the file number, the court or the person who asked.")
