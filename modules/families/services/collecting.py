"""Who may bring and collect a child besides its guardians: named by the family, ended any day (F-55)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, require, scope
from modules.families.models import Child, Collector
from modules.families.services import persons

MAX_COLLECTORS = 10


class BadCollector(Refusal):
    """A person who cannot be named for collecting."""

    code: ClassVar[str] = "family.bad-collector"
    http: ClassVar[int] = 422


def let_collect(
    child: Child, *, name: str, phone: str, relation: str = "", starts_on: date | None = None
) -> Collector:
    """Let a person collect the child from a day on; the telephone lets the centre ask back."""
    require("families.collector.create")
    called, number = persons.name(name), persons.phone(phone, child.region_no)
    if not number:
        raise BadCollector(_("Enter a telephone number, so that the centre can ask back."))
    there = collectors(child.id)
    if any(one.name == called and one.phone == number for one in there):
        raise BadCollector(_("%(name)s may collect this child already.", name=called))
    if len(there) >= MAX_COLLECTORS:
        raise BadCollector(_("A child has at most %(most)s persons here: end one first.", most=MAX_COLLECTORS))
    made = Collector(
        family_id=child.family_id, child_id=child.id, region_no=child.region_no, name=called, phone=number,
        relation=persons.text(relation), starts_on=max(starts_on or scope.current().on_date, scope.current().on_date),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def no_longer_collects(number: int) -> int:
    """End a person's right to collect, at once; gives the child's number."""
    require("families.collector.end")
    found = db.session.get(Collector, number)
    if found is None:
        raise NotFound(_("There is no such person here."))
    if found.ends_on is None:
        found.ends_on = scope.current().on_date
        db.session.flush()
    return found.child_id


def collectors(child_id: int) -> list[Collector]:
    """Who may collect a child now, by name of entry."""
    require("families.collector.read")
    query = sa.select(Collector).where(Collector.child_id == child_id, Collector.ends_on.is_(None))
    return list(db.session.scalars(query.order_by(Collector.id).limit(MAX_COLLECTORS + 1)))
