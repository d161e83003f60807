"""The host's own nightly work: finished jobs are forgotten after a month, sign-ins after three; what has stopped stays."""

from __future__ import annotations

import sqlalchemy as sa

from core.db.base import db
from core.jobs.handlers import job
from core.jobs.schedules import daily
from core.security import sign_ins
from core.security.factors import passkeys

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


@daily(at="03:50")
@job("core.sign_in.forget")
def forget_sign_ins() -> None:
    """Forget old sign-ins"""
    sign_ins.forget_old()
    passkeys.forget_challenges()
