"""Suspend accounts that nobody used for as long as their region's rule says (S1-225, S1-241), once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from core.db.base import db
from core.regions import policies
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE, Account

KEY = "core.accounts.disuse"


def suspend_unused(now: datetime | None = None) -> dict[int, int]:
    """Suspend by region and give how many per region number; a region without a rule is left alone.

    Days count from the last sign-in or from when the account was issued or enabled again, the later one.
    """
    now = now or datetime.now(UTC)
    suspended: dict[int, int] = {}
    with scopes.system("suspension for disuse", on_date=now.date()):
        for region in db.session.scalars(
            sa.select(Account.region_no).where(Account.state == "active").distinct()
        ).all():
            days = _days(region)
            if days is None:
                continue
            changed = db.session.execute(
                sa.update(Account)
                .where(
                    Account.region_no == region,
                    Account.state == "active",
                    sa.func.greatest(Account.last_login_at, Account.active_since)
                    < now - timedelta(days=days),
                )
                .values(state="suspended", suspended_because="disuse")
                .execution_options(synchronize_session=False)
            )
            suspended[region] = int(changed.rowcount)  # type: ignore[attr-defined]
        db.session.commit()
    return suspended


def _days(region: int) -> int | None:
    if region == EVERYWHERE:
        return None  # the administrators of the installation: nobody could let the last one in again
    try:
        return int(policies.resolve(KEY, place=region).value["suspend_after_days"])
    except policies.NoPolicy:
        return None
