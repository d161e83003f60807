"""How an application is judged and ordered; pure functions over the policy `enrollment.admission.daycare` (rulebook 1b).

The policy's value:
    items      [{code, tier (1, 2), points, replaces = [codes]}]: what counts, tier 1 before tier 2
    bonus      [{codes, points}]: points added when all codes count
    cross_tier "sum": points alone order · "tier_then_sum": the tier first
    waiting    most applications at once of a child that is admitted nowhere; `enrolled` of one that is
    on_admission "drop_all" · "keep": what becomes of the other applications
    unborn_days days after the expected day until an unborn child's application ends
    offer_days days to accept an offered place, `paper_days` to bring the papers after that
    declines   the how-manieth "no" (or silence) ends the application; before it goes to the end of its points
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

#: Tier of an application without any circumstance that counts.
LAST_TIER = 3
#: Month in which the year of Korean daycare classes begins.
SCHOOL_YEAR_STARTS = 3
OLDEST_CLASS = 5


@dataclass(frozen=True)
class Line:
    """One circumstance in the sum: `counted` once its evidence is verified."""

    code: str
    tier: int
    points: int
    counted: bool


@dataclass(frozen=True)
class Assessment:
    """Tier and points with their explanation; `provisional` is what they become if all evidence is verified."""

    tier: int
    points: int
    provisional: int
    lines: tuple[Line, ...]


def assess(claims: Mapping[str, bool], value: Mapping[str, Any]) -> Assessment:
    """Judge circumstances (code → whether its evidence is verified) by the policy's value (rulebook 1b.2)."""
    verified = {code for code, proven in claims.items() if proven}
    counted, hoped = _lines(verified, value), _lines(set(claims), value)
    lines = tuple(
        Line(code, tier, points, (code, tier, points) in counted)
        for code, tier, points in [*hoped, *(line for line in counted if line not in hoped)]
    )
    tier = min((tier for _code, tier, _points in counted if tier), default=LAST_TIER)
    return Assessment(tier, sum(points for *_x, points in counted), sum(points for *_x, points in hoped), lines)


def _lines(codes: set[str], value: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    items = [item for item in value["items"] if item["code"] in codes]
    replaced = {code for item in items for code in item.get("replaces", ())}
    standing = [item for item in items if item["code"] not in replaced]
    found = [(item["code"], int(item["tier"]), int(item["points"])) for item in standing]
    there = {item["code"] for item in standing}
    for extra in value.get("bonus", ()):
        if set(extra["codes"]) <= there:
            found.append(("+".join(extra["codes"]), 0, int(extra["points"])))
    return found


def order_key(tier: int, points: int, arrival: int, value: Mapping[str, Any]) -> tuple[int, int, int]:
    """What a list is ordered by, smallest first: no clock decides, only the order of arrival (integrity.md 1.6)."""
    return (tier if value["cross_tier"] == "tier_then_sum" else 0, -points, arrival)


def most_applications(*, enrolled: bool, value: Mapping[str, Any]) -> int:
    """How many applications a child may have at once (rulebook 1b.4)."""
    return int(value["enrolled"] if enrolled else value["waiting"])


def unborn_until(expected_on: date, value: Mapping[str, Any]) -> date:
    """The last day on which an unborn child's application stands without its birth being told (rulebook 1b.6)."""
    return expected_on + timedelta(days=int(value["unborn_days"]))


def school_year(day: date) -> int:
    """The year in which the school year of a day began."""
    return day.year if day.month >= SCHOOL_YEAR_STARTS else day.year - 1


def year_begins(year: int) -> date:
    """The first day of a school year."""
    return date(year, SCHOOL_YEAR_STARTS, 1)


def list_name(age: int, wanted_from: date, today: date) -> str:
    """Which of a centre's two kinds of lists: for as soon as possible, or for the beginning of a later school year (1b.7)."""
    year = school_year(wanted_from)
    return f"rolling-{age}" if year <= school_year(today) else f"new-year-{year}-{age}"


def list_begins(name: str) -> int:
    """The school year from which a list fills places; 0 for a rolling one, which always does."""
    _kind, _dash, rest = name.rpartition("/")[2].partition("new-year-")
    year = rest.partition("-")[0]
    return int(year) if year.isdecimal() else 0


def after_no(declines: int, value: Mapping[str, Any]) -> str:
    """What a "no" or silence does to an application that now has so many: "back" behind those of its points, or "out" (1b.8)."""
    return "out" if declines >= int(value["declines"]) else "back"


def class_age(born_on: date, start: date) -> int:
    """The class a child belongs to in the school year of a day: the year's number less the year of birth less one (1a.3)."""
    return max(0, school_year(start) - born_on.year - 1)
