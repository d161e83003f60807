"""How far a region has come with its register: the answers to the steps of a pack's checklist (F-41)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from core.sdk import atlas, db, next_school_year, packs, policies, running, scope
from modules.facilities import words
from modules.facilities.models import ClosingDay, Facility, ImportRun

FRESH = "facilities.register.fresh"


def answers(region_no: int) -> dict[str, bool]:
    """Every question about the register that a checklist may ask, true or false; four queries whatever the size."""
    node = atlas().nodes[region_no]
    inside = Facility.id.between(node.no, node.hi)
    open_ = sa.and_(inside, Facility.status != "closed")
    count, with_places, published = db.session.execute(
        sa.select(
            sa.func.count(), sa.func.count(Facility.capacity), sa.func.count().filter(Facility.published)
        ).where(open_)
    ).one()
    kinds = dict(
        db.session.execute(
            sa.select(Facility.kind, sa.func.count()).where(open_).group_by(Facility.kind)
        ).all()
    )
    return {
        "facilities.count>0": count > 0,
        "facilities.published>0": published > 0,
        "capacities.set": 0 < count == with_places,
        "facilities.register_fresh": _fresh(node, open_),
        "closing_days.set_next_year": count > 0 and _closing_days_set(node, open_),
        **{f"facilities.kind:{kind}>0": kinds.get(kind, 0) > 0 for kind in {*kinds, *words.kinds("en")}},
    }


def _fresh(node: Any, open_: sa.ColumnElement[bool]) -> bool:
    """Whether each district with open centres was read from a register lately, by itself or with a region above it."""
    days = policies.resolve(FRESH, place=node.no).value["days"]
    tree, since = atlas(), scope.current().on_date - timedelta(days=days)
    chain = tree.chain(node.no)
    near = sa.or_(ImportRun.region_no.between(node.no, node.hi), ImportRun.region_no.in_(chain))
    lately = set(
        db.session.scalars(sa.select(ImportRun.region_no).where(near, ImportRun.at >= since).distinct())
    )
    districts = db.session.scalars(sa.select(Facility.region_no).where(open_).distinct()).all()
    return bool(districts) and all(lately.intersection(tree.chain(no)) for no in districts)


def _closing_days_set(node: Any, open_: sa.ColumnElement[bool]) -> bool:
    """Whether every open centre has named a closing day of the next school year (S1-080)."""
    first = _next_year(node)
    last = first.replace(year=first.year + 1)
    named = sa.exists().where(
        ClosingDay.facility_id == Facility.id, ClosingDay.day >= first, ClosingDay.day < last
    )
    return not db.session.scalar(sa.select(sa.exists().where(open_, sa.not_(named))))


def _next_year(node: Any) -> date:
    pack = packs.pack_of(running().registry, node.pack) if node.pack else None
    facts = pack.region if pack else None
    today = scope.current().on_date
    return next_school_year(facts, today) if facts else date(today.year + 1, 1, 1)
