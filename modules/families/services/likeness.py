"""Children of two families who may be one: found when a child is entered, looked at by the officers of both (product.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import NotFound, Refusal, _, addresses, because, db, require, scope
from modules.families import rules
from modules.families.models import Child, Guardian, Likeness, Sharing
from modules.families.services.cities import city
from modules.families.services.reaching import reached_by, values

#: Pairs on one page; whoever works them off sees the next ones.
MOST = 20
#: Children of one birthday in one city that are compared.
LOOKED_AT = 1_000
#: Records one child may be like.
PAIRS = 20


class Decided(Refusal):
    """Somebody decided about the two records already."""

    code: ClassVar[str] = "family.likeness-decided"


@dataclass(frozen=True)
class Side:
    """One of two records as an officer compares them."""

    child: Child
    guardians: tuple[tuple[Guardian, tuple[str, ...]], ...]
    centres: int


@dataclass(frozen=True)
class Pair:
    """Two records side by side, the one entered first on the left."""

    likeness: Likeness
    sides: tuple[Side, Side]


def look_for(child_id: int) -> int:
    """Note the records of other families in the city that may be this child; gives how many were new. As the system.

    Bounded: the children of the same birthday and those of guardians with the same telephone or e-mail address, both by index.
    """
    require("families.likeness.decide")
    child = db.session.get(Child, child_id)
    if child is None:  # erased meanwhile
        return 0
    own = _guardians([child.family_id])[child.family_id]
    reached = _reached(child, own)
    candidates = [*_same_birthday(child), *_children_of(reached - {child.family_id})]
    others = {one.id: one for one in candidates if one.family_id != child.family_id}
    named = [one for one in others.values() if rules.likeness(_known(child), _known(one), guardians_agree=True)]
    theirs = _guardians({one.family_id for one in named})
    found = []
    for one in named:
        agree = one.family_id in reached or any(
            rules.alike(mine.name, other.name) for mine in own for other in theirs[one.family_id]
        )
        strength = rules.likeness(_known(child), _known(one), guardians_agree=agree)
        if strength:
            found.append((strength, one))
    found.sort(key=lambda pair: (-pair[0], pair[1].id))
    return _note(child, found[:PAIRS])


def pairs() -> list[Pair]:
    """Records that may be one child and wait for a decision, the likeliest and oldest first, at most `MOST`."""
    require("families.likeness.read")
    query = sa.select(Likeness).where(Likeness.state == "open").order_by(Likeness.strength.desc(), Likeness.id).limit(MOST)
    rows = db.session.scalars(query).all()
    numbers = {number for row in rows for number in (row.first_id, row.second_id)}
    children = {one.id: one for one in db.session.scalars(sa.select(Child).where(Child.id.in_(numbers)))}
    guardians = _guardians({one.family_id for one in children.values()})
    centres: dict[int, int] = {
        row[0]: row[1]
        for row in db.session.execute(
            sa.select(Sharing.child_id, sa.func.count(sa.distinct(Sharing.facility_id)))
            .where(Sharing.child_id.in_(numbers), Sharing.ends_on.is_(None), Sharing.purpose == "application")
            .group_by(Sharing.child_id)
        )
    }

    def side(number: int) -> Side:
        one = children[number]
        people = tuple((guardian, _masked(guardian)) for guardian in guardians[one.family_id])
        return Side(one, people, centres.get(number, 0))

    return [Pair(row, (side(row.first_id), side(row.second_id))) for row in rows if {row.first_id, row.second_id} <= children.keys()]


def they_are_two(number: int, *, reason: str) -> None:
    """Remember that two records are two children: nobody is asked about them again. Raises `Decided`."""
    require("families.likeness.read")
    found = db.session.scalar(sa.select(Likeness).where(Likeness.id == number).with_for_update())
    if found is None:
        raise NotFound(_("There is no such pair here."))
    require("families.likeness.decide", at=found.region_no)
    if found.state != "open":
        raise Decided(_("Somebody decided about these two records already."))
    found.reason, found.state = because(reason), "two"
    found.decided_by, found.decided_at = scope.current().account_id, datetime.now(UTC)
    db.session.flush()


def _known(child: Child) -> rules.Known:
    return rules.Known(child.name, child.born_on, child.expected_on, child.multiple)


def _same_birthday(child: Child) -> list[Child]:
    if child.born_on is None:
        return []
    query = sa.select(Child).where(
        Child.born_on == child.born_on, Child.region_no.between(*city(child.region_no)), Child.family_id != child.family_id
    )
    return list(db.session.scalars(query.order_by(Child.id).limit(LOOKED_AT)))


def _children_of(families: Iterable[int]) -> list[Child]:
    return list(db.session.scalars(sa.select(Child).where(Child.family_id.in_(families)).order_by(Child.id).limit(LOOKED_AT)))


def _guardians(families: Iterable[int]) -> dict[int, list[Guardian]]:
    wanted = set(families)
    found: dict[int, list[Guardian]] = {number: [] for number in wanted}
    for one in db.session.scalars(
        sa.select(Guardian).where(Guardian.family_id.in_(wanted)).order_by(Guardian.id).limit(LOOKED_AT)
    ):
        found[one.family_id].append(one)
    return found


def _reached(child: Child, own: Iterable[Guardian]) -> set[int]:
    """The families of the city in which somebody has a telephone or e-mail address of this child's guardians."""
    mine = set().union(*(values(one) for one in own))
    rows = reached_by(mine, city(child.region_no))
    return {one.family_id for one in rows if values(one) & mine}


def _note(child: Child, found: list[tuple[int, Child]]) -> int:
    if not found:
        return 0
    whole = city(child.region_no)[0]
    numbers = [one.id for _strength, one in found]
    there = sa.select(Likeness.first_id, Likeness.second_id).where(
        sa.or_(
            sa.and_(Likeness.first_id == child.id, Likeness.second_id.in_(numbers)),
            sa.and_(Likeness.second_id == child.id, Likeness.first_id.in_(numbers)),
        )
    )
    known = {number for row in db.session.execute(there) for number in row}
    rows = [
        {"first_id": min(child.id, one.id), "second_id": max(child.id, one.id), "strength": strength,
         "region_no": child.region_no if one.region_no == child.region_no else whole}
        for strength, one in found
        if one.id not in known
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Likeness).values(rows).on_conflict_do_nothing())
    return len(rows)


def _masked(guardian: Guardian) -> tuple[str, ...]:
    shown = []
    for typed in filter(None, (guardian.phone, guardian.email)):
        try:
            shown.append(addresses.read(typed, addresses.countries(guardian.region_no)).masked)
        except addresses.BadAddress:
            shown.append("•••")
    return tuple(shown)
