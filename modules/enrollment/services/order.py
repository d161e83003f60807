"""The order of a list and a place in it: computed from what everybody may read, with its reasons (S2-08, S2-14)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from core.sdk import db, require
from modules.enrollment import rules
from modules.enrollment.models import Application, Entry
from modules.enrollment.services.policy import rule
from modules.enrollment.services.writing import claims_of

PAGE = 200


@dataclass(frozen=True)
class Standing:
    """A place in line: `place` 1 is next; `ahead` counts those before by (tier, points); `judged` explains the own points."""

    place: int
    waiting: int
    ahead: tuple[tuple[int, int, int], ...]
    judged: rules.Assessment
    entry: Entry


#: The order of a list: the tier where it rules, points, paper lists first, arrival.
ORDER = (Entry.rank_tier, Entry.points.desc(), Entry.cohort, Entry.arrival)


def in_order(list_name: str, facility_id: int) -> sa.Select[Entry]:
    """Those who wait in a list, first to last; unbounded, for whoever asks to bound."""
    waiting = (Entry.facility_id == facility_id, Entry.list_name == list_name, Entry.state == "waiting")
    return sa.select(Entry).where(*waiting).order_by(*ORDER)


def before(entry: Entry) -> sa.ColumnElement[bool]:
    """Those of the same list who come before an entry."""
    return sa.and_(
        Entry.facility_id == entry.facility_id, Entry.list_name == entry.list_name, Entry.state == "waiting",
        sa.tuple_(Entry.rank_tier, -Entry.points, Entry.cohort, Entry.arrival)
        < sa.tuple_(sa.literal(entry.rank_tier), sa.literal(-entry.points), sa.literal(entry.cohort), sa.literal(entry.arrival)),
    )  # fmt: skip


def place(entry: Entry) -> int:
    """The place of a waiting entry, 1 for the next; internal, lists are public."""
    line = (Entry.facility_id == entry.facility_id, Entry.list_name == entry.list_name, Entry.state == "waiting")
    same = (*line, Entry.rank_tier == entry.rank_tier)
    ranges = (  # each is one range of the index of the order
        (*line, Entry.rank_tier < entry.rank_tier),
        (*same, Entry.points > entry.points),
        (*same, Entry.points == entry.points,
         sa.tuple_(Entry.cohort, Entry.arrival) < sa.tuple_(sa.literal(entry.cohort), sa.literal(entry.arrival))),
    )  # fmt: skip
    counts = [sa.select(sa.func.count()).select_from(Entry).where(*one).scalar_subquery() for one in ranges]
    return 1 + int(db.session.scalar(sa.select(counts[0] + counts[1] + counts[2])) or 0)


def standing(application: Application) -> Standing | None:
    """The place of an application one may see and why; None when it no longer waits."""
    require("enrollment.application.read")
    entry = db.session.scalar(sa.select(Entry).where(Entry.application_id == application.id))
    if entry is None or entry.state != "waiting":
        return None
    groups = db.session.execute(
        sa.select(Entry.tier, Entry.points, sa.func.count())
        .where(before(entry))
        .group_by(Entry.tier, Entry.points)
        .order_by(Entry.points.desc(), Entry.tier)
        .limit(PAGE)
    ).all()
    waiting = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Entry)
        .where(
            Entry.facility_id == entry.facility_id, Entry.list_name == entry.list_name, Entry.state == "waiting"
        )
    )  # fmt: skip
    policy = rule(entry.facility_id, entry.wanted_from)
    ahead = tuple((row[0], row[1], row[2]) for row in groups)
    return Standing(
        1 + sum(count for _tier, _points, count in ahead), waiting or 0, ahead,
        rules.assess(claims_of(application), policy.value), entry,
    )  # fmt: skip


def listed(facility_id: int, list_name: str, limit: int = PAGE) -> list[Entry]:
    """A list in its order, as everybody may read it."""
    require("enrollment.entry.read")
    return list(db.session.scalars(in_order(list_name, facility_id).limit(limit)))


@dataclass(frozen=True)
class Place:
    """A place in line and how many wait in it."""

    place: int
    waiting: int


def places(numbers: Sequence[int]) -> dict[int, Place]:
    """The places of applications that wait, worked out by the database over their whole lists in one query."""
    require("enrollment.application.read")
    line = (Entry.facility_id, Entry.list_name)
    wanted = sa.select(Entry.facility_id).where(Entry.application_id.in_(numbers))
    ranked = (
        sa.select(
            Entry.application_id,
            sa.func.row_number().over(partition_by=line, order_by=ORDER).label("place"),
            sa.func.count().over(partition_by=line).label("waiting"),
        )
        .where(Entry.state == "waiting", Entry.facility_id.in_(wanted))
        .subquery()
    )
    rows = db.session.execute(sa.select(ranked).where(ranked.c.application_id.in_(numbers)))
    return {row.application_id: Place(row.place, row.waiting) for row in rows}


def rankings() -> Iterator[tuple[str, list[tuple[str, int, int]]]]:
    """Every list in its order: name, and who waits by (pseudonym, tier, points); lists are public, so internal to the log asks nobody."""
    rows = db.session.execute(
        sa.select(Entry.list_name, Entry.pseudonym, Entry.tier, Entry.points)
        .where(Entry.state == "waiting")
        .order_by(Entry.facility_id, Entry.list_name, *ORDER)
        .execution_options(yield_per=5_000)
    )
    for name, found in groupby(rows, key=lambda row: row.list_name):
        yield name, [(row.pseudonym, row.tier, row.points) for row in found]
