"""A list for programs and people: the public order, and why an entry stands where it stands (E-02, S2-14, S2-51)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, require
from modules.enrollment import words
from modules.enrollment.models import Application, Entry
from modules.enrollment.rules import assess
from modules.enrollment.services.order import before, in_order
from modules.enrollment.services.policy import rule
from modules.enrollment.services.writing import claims_of
from modules.facilities import api as facilities
from modules.transparency import api as log

#: So many entries of a list are shown at once.
MOST = 10_000
#: Cells with fewer families than this are told by tier and joined with the next (integrity.md 1, point 5).
SMALL = 5


class NoList(Refusal):
    """A centre has no list of this name."""

    code: ClassVar[str] = "enrollment.no-list"
    http: ClassVar[int] = 404


def shown(facility: str, name: str = "", *, after: int = 0, limit: int = MOST) -> dict[str, Any]:
    """A list as everybody may see it; `name` like "rolling-2", by default the first. Raises `NotFound`, `NoList`."""
    require("enrollment.entry.read")
    number = facilities.number_of(facility)
    centre = facilities.centre(number) if number is not None else None
    if centre is None:
        raise NotFound(_("There is no centre with this code. Search for it by name."))
    names = db.session.scalars(
        sa.select(Entry.list_name).where(Entry.facility_id == centre.id).group_by(Entry.list_name).order_by(Entry.list_name).limit(200)
    ).all()
    wanted = f"{centre.code}/{name.rpartition('/')[2]}" if name else next(iter(names), "")
    if wanted not in names:
        there = ", ".join(one.rpartition("/")[2] for one in names) or str(_("none"))
        raise NoList(_("This centre has no such list. There are: %(names)s.", names=there))
    rows = db.session.scalars(in_order(wanted, centre.id).offset(after).limit(min(limit, MOST))).all()
    waiting = sa.select(sa.func.count()).where(Entry.facility_id == centre.id, Entry.list_name == wanted, Entry.state == "waiting")
    at = log.indexes_of([row.leaf_hash for row in rows])
    head = log.head()
    return {
        "facility": centre.code, "list": wanted, "size": db.session.scalar(waiting), "leaves": head[0], "root": head[1],
        "entries": [
            {"rank": rank, "entry": row.pseudonym, "tier": row.tier, "points": row.points, "leaf": at.get(row.leaf_hash)}
            for rank, row in enumerate(rows, start=after + 1)
        ],
    }  # fmt: skip


def ahead_of(tiers: Iterable[int]) -> dict[str, int]:
    """How many are ahead by tier; cells of fewer than five are joined with the next tier, for people recognise neighbours.

    Where fewer than five are ahead altogether there is one cell: that number is the rank itself.
    """
    joined: list[tuple[str, int]] = []
    for tier, count in sorted(Counter(tiers).items()):
        if joined and min(joined[-1][1], count) < SMALL:
            joined[-1] = (f"{joined[-1][0]}+{tier}", joined[-1][1] + count)
        else:
            joined.append((str(tier), count))
    return dict(joined)


def placed(pseudonym: str) -> dict[str, Any]:
    """Where an entry stands now and how many wait before it by tier, as everybody may see by its sign. Raises `NotFound`."""
    require("enrollment.entry.read")
    entry = db.session.scalar(sa.select(Entry).where(Entry.pseudonym == pseudonym))
    if entry is None:
        raise NotFound(_("There is no entry of this sign."))
    found = {"entry": pseudonym, "list": entry.list_name, "state": entry.state, "tier": entry.tier, "points": entry.points}
    if entry.state != "waiting":
        return found | {"rank": None, "ahead": {}}
    rows = db.session.execute(sa.select(Entry.tier, sa.func.count()).where(before(entry)).group_by(Entry.tier)).all()
    ahead = {row[0]: row[1] for row in rows}
    return found | {"rank": 1 + sum(ahead.values()), "ahead": ahead_of(tier for tier, count in ahead.items() for _one in range(count))}


def explained(pseudonym: str) -> dict[str, Any]:
    """Why an entry stands where it stands: for its own family and for those who work with it. Raises `NotFound`."""
    require("enrollment.application.read")
    entry = db.session.scalar(sa.select(Entry).where(Entry.pseudonym == pseudonym))
    application = db.session.get(Application, entry.application_id) if entry is not None else None
    if entry is None or application is None:
        raise NotFound(_("There is no entry of this sign."))
    judged = assess(claims_of(application), rule(entry.facility_id, entry.wanted_from).value)
    order = db.session.execute(
        in_order(entry.list_name, entry.facility_id).with_only_columns(Entry.pseudonym, Entry.tier).limit(MOST)
    ).all()
    place = next((n for n, row in enumerate(order) if row.pseudonym == pseudonym), None)
    return {
        "entry": pseudonym, "list": entry.list_name, "state": entry.state, "rank": None if place is None else place + 1,
        "of": len(order), "points": entry.points, "tie_break": {"leaf": log.index_of(entry.leaf_hash)},
        "rules": [
            {"code": line.code, "points": line.points, "counted": line.counted, "text": str(words.circumstance(line.code))}
            for line in judged.lines
        ],
        "ahead": ahead_of(row.tier for row in order[: place or 0]),
        "history": log.rank_history(entry.list_name, pseudonym),
    }  # fmt: skip
