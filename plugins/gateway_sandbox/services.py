"""Have the practice gateway be down for a while, to see what happens then."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, require
from plugins.gateway_sandbox.models import Outage

#: Minutes of an outage: one hour is what the tests of messaging live through.
LONGEST = 24 * 60


class BadOutage(Refusal):
    """An outage is between a minute and a day."""

    code: ClassVar[str] = "gateway_sandbox.outage"


def go_down(place: int, minutes: int) -> None:
    """Take nothing from a region for so many minutes."""
    require("gateway_sandbox.outage.begin", at=place)
    if not 1 <= minutes <= LONGEST:
        raise BadOutage(_("An outage lasts from 1 minute to %(most)s minutes.", most=LONGEST))
    db.session.add(Outage(place_no=place, ends_at=sa.func.clock_timestamp() + timedelta(minutes=minutes)))
    db.session.flush()


def come_back(place: int) -> None:
    """End the outages of a region."""
    require("gateway_sandbox.outage.end", at=place)
    open_ones = sa.update(Outage).where(Outage.place_no == place, Outage.ends_at > sa.func.clock_timestamp())
    db.session.execute(open_ones.values(ends_at=sa.func.clock_timestamp()))
