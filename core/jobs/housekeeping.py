"""The host's own nightly work: what is over is forgotten in time, and accounts nobody uses are suspended (S1-225).

Of background work, what is done or given up goes after a month; what has stopped stays.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db.base import db
from core.jobs.handlers import job
from core.jobs.schedules import daily
from core.regions import disuse
from core.security import codes, recovering, registering, sign_ins
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
@job("core.code.purge")
def purge_codes() -> None:
    """Forget codes and unfinished registrations"""
    codes.forget_old()
    registering.forget_old()


@daily(at="03:30")
@job("core.account.disuse")
def suspend() -> None:
    """Suspend accounts nobody uses"""
    disuse.suspend_unused()


@daily(at="03:55")
@job("core.sign_in.purge")
def purge_sign_ins() -> None:
    """Forget sign-ins of long ago"""
    sign_ins.forget_old()
    recovering.forget_old()
    passkeys.forget_challenges()
