"""What messages cost, by region, month and channel, in minor units of the region's currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from core.sdk import atlas, db, require, scope
from modules.messaging.models import Attempt

#: Lines on one page.
MOST = 500


@dataclass(frozen=True)
class Line:
    """One region's attempts by one channel in one month."""

    region_no: int
    region: str
    month: date
    channel: str
    currency: str
    count: int
    cost_minor: int


def costs(first: date, last: date) -> list[Line]:
    """The months from `first` to `last` (their first days), the newest first; each district by its own clock."""
    require("messaging.cost.read")
    nodes = [node for node in atlas().nodes.values() if scope.current().covers(node.no) or _holds(node.no, node.hi)]
    smallest = [node for node in nodes if not atlas().children(node.no)]
    district = sa.values(
        sa.column("no", sa.BigInteger), sa.column("hi", sa.BigInteger), sa.column("zone", sa.String), name="district"
    ).data([(node.no, node.hi, node.timezone) for node in smallest] or [(-1, -1, "UTC")])
    month = sa.cast(sa.func.date_trunc("month", sa.func.timezone(district.c.zone, Attempt.at)), sa.Date)
    query = (
        sa.select(district.c.no, month, Attempt.channel, Attempt.currency, sa.func.count(), sa.func.sum(Attempt.cost_minor))
        .join(district, Attempt.place_no.between(district.c.no, district.c.hi))
        .where(Attempt.state != "skipped", Attempt.currency != "", month.between(first, last))
        .group_by(sa.text("1, 2, 3, 4"))
        .order_by(sa.text("2 desc, 1, 3"))
        .limit(MOST)
    )
    speaks = scope.current().language
    return [
        Line(no, atlas().nodes[no].name(speaks), when, channel, currency, count, int(cost or 0))
        for no, when, channel, currency, count, cost in db.session.execute(query)
    ]


def _holds(low: int, high: int) -> bool:
    """Whether a region holds a facility of the post."""
    return any(low <= number <= high for number in scope.current().facilities)
