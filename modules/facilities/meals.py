"""Photographs of meals as visitors find them: by week, the latest first (S2-28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from core.sdk import db
from modules.facilities.models import MealPhoto

_WEEK = timedelta(days=7)
#: More than a week can hold; a bound for the page whatever is in the table.
MAX_SHOWN = 60


@dataclass(frozen=True)
class Week:
    """The photographs of one week, and the nearest weeks that have any."""

    monday: date
    photos: list[MealPhoto]
    earlier: str | None
    later: str | None

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + _WEEK - timedelta(days=1)


def week_of(facility_id: int, asked: str = "") -> Week | None:
    """The week asked for as «2026-W47», else the latest with photographs; None when there are none at all. Three queries."""
    mine = MealPhoto.facility_id == facility_id
    latest = db.session.scalar(sa.select(sa.func.max(MealPhoto.day)).where(mine))
    if latest is None:
        return None
    monday = _monday(asked) or latest - timedelta(days=latest.weekday())
    inside = MealPhoto.day.between(monday, monday + _WEEK - timedelta(days=1))
    photos = db.session.scalars(
        sa.select(MealPhoto).where(mine, inside).order_by(MealPhoto.day, MealPhoto.id).limit(MAX_SHOWN)
    ).all()
    before, after = db.session.execute(
        sa.select(
            sa.func.max(MealPhoto.day).filter(MealPhoto.day < monday),
            sa.func.min(MealPhoto.day).filter(MealPhoto.day >= monday + _WEEK),
        ).where(mine)
    ).one()
    return Week(monday, list(photos), _named(before), _named(after))


def _monday(asked: str) -> date | None:
    try:
        year, number = asked.split("-W")
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None


def _named(day: date | None) -> str | None:
    return None if day is None else f"{day:%G-W%V}"
