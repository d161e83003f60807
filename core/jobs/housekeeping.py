"""The host's own nightly work: what is done or given up is forgotten after a month, what has stopped stays."""

from __future__ import annotations

import sqlalchemy as sa

from core.db.base import db
from core.jobs.handlers import job
from core.jobs.schedules import daily

#: Keys of finished jobs are forgotten with them, so an occurrence or a keyed job cannot come twice within
#: this time.
KEPT_DAYS = 30


@daily(at="03:40")
@job("core.outbox.purge")
def purge() -> None:
    """Forget finished background work"""
    db.session.execute(
        sa.text(
            "delete from core.outbox where done_at < clock_timestamp() - make_interval(days => :days) "
            "or given_up_at < clock_timestamp() - make_interval(days => :days)"
        ),
        {"days": KEPT_DAYS},
    )
