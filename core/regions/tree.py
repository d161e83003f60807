"""The region tree and the place numbers: every region owns a block of numbers, every facility lies in its district's.

A number is never reused and stays with its facility when regions are reorganised: only the regions' blocks change.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import DolbomError
from core.security import scope as scopes
from core.security.access import require
from core.security.rows import Scoped

#: Levels from the top, with the size of the block of numbers each owns (all below 2**53, so JavaScript holds them).
LEVELS: dict[str, int] = {"country": 10**12, "province": 10**10, "district": 10**7}


class UnknownRegion(DolbomError):
    """No region has this code."""

    code: ClassVar[str] = "region.unknown"
    http: ClassVar[int] = 404


class RegionExists(DolbomError):
    """A region with this code is there already."""

    code: ClassVar[str] = "region.exists"
    http: ClassVar[int] = 409


class BlockFull(DolbomError):
    """A region has no place numbers left."""

    code: ClassVar[str] = "region.block-full"


class Region(Scoped, db.Model):
    """A place with its own law: country, province or city, district."""

    __tablename__ = "region"
    __global_unique__ = ("uq_region_code",)  # region codes are public
    __scope_column__ = "no"
    __read__ = "all"

    no: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    hi: Mapped[int] = mapped_column(sa.BigInteger)
    code: Mapped[str] = mapped_column(unique=True)
    parent_no: Mapped[int | None] = mapped_column(sa.BigInteger, sa.ForeignKey("core.region.no"), index=True)
    level: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    pack: Mapped[str | None]
    timezone: Mapped[str]
    currency: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    given: Mapped[int] = mapped_column(
        sa.BigInteger, server_default="0"
    )  # numbers handed out inside this block

    def name(self, language: str = "en") -> str:
        """The region's name in `language`, else in English, else its code."""
        return self.names.get(language) or self.names.get("en") or self.code


class Place(Scoped, db.Model):
    """A facility's number and the district it was numbered in."""

    __tablename__ = "place"
    __no_history__ = "a number is given once and never changes"
    __scope_column__ = "no"
    __read__ = "all"

    no: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    region_no: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("core.region.no"), index=True)


def find(code: str) -> Region:
    """Give the region with this code (`KR-11-110`), or refuse."""
    region: Region | None = db.session.scalar(sa.select(Region).where(Region.code == code))
    if region is None:
        raise UnknownRegion(
            f"There is no region {code}: see `dolbom region list`, or create it from its pack."
        )
    return region


def create(code: str, *, level: str, names: dict[str, str], parent: Region | None, **facts: Any) -> Region:
    """Create one region inside `parent`; its block of numbers comes from the parent's."""
    require("core.region.create", at=parent.no if parent else None)
    if level not in LEVELS:
        raise DolbomError(f"Unknown level {level!r}: use {', '.join(LEVELS)}.")
    if db.session.scalar(sa.select(Region.no).where(Region.code == code)) is not None:
        raise RegionExists(f"Region {code} is there already.")
    no, hi = _next_block(parent, LEVELS[level])
    region = Region(
        no=no, hi=hi, code=code, level=level, names=names, parent_no=parent.no if parent else None, **facts
    )
    db.session.add(region)
    db.session.flush()
    return region


def _next_block(parent: Region | None, size: int) -> tuple[int, int]:
    if parent is None:
        db.session.execute(sa.text("lock table core.region in share row exclusive mode"))
        top = db.session.scalar(sa.select(sa.func.max(Region.hi)).where(Region.level == "country"))
        no = size if top is None else top + 1
        return no, no + size - 1
    db.session.refresh(parent, with_for_update=True)
    # The first slot stays free: it holds the region's own number and facilities that belong to it directly.
    no = parent.no + (parent.given + 1) * size
    if no + size - 1 > parent.hi:
        raise BlockFull(f"Region {parent.code} has no block left for another {size:,} numbers.")
    parent.given += 1
    return no, no + size - 1


def allot(region_no: int, count: int = 1) -> list[int]:
    """Hand out `count` new facility numbers of a district and register them; never reused, also not after a rollback."""
    me = scopes.current()
    if not me.covers(region_no):
        raise UnknownRegion("This district is outside your post.")
    row = db.session.execute(
        sa.update(Region)
        .where(Region.no == region_no, Region.level == "district")
        .values(given=Region.given + count)
        .returning(Region.no, Region.given, Region.hi, Region.code)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise UnknownRegion("Facilities are numbered in districts: name the district's number.")
    last = row.no + row.given
    if last > row.hi:
        raise BlockFull(f"District {row.code} has no facility numbers left.")
    numbers = list(range(last - count + 1, last + 1))
    db.session.execute(sa.insert(Place), [{"no": number, "region_no": region_no} for number in numbers])
    return numbers
