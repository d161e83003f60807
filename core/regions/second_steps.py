"""Who needs a second step to sign in, by dated policy; it stands with the policies, above security."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db.base import db
from core.regions import policies
from core.security import roles
from core.security import scope as scopes
from core.security.accounts import Account, Post

KEY = "core.accounts.second_factor"


@dataclass(frozen=True)
class Duty:
    """From which day on a person cannot work without a second step, by which policy."""

    since: date
    legal_basis: str


def due(level: str, role: str, value: Mapping[str, Any], begins: date) -> date | None:
    """The day from which a role needs a second step, or None; a pure rule.

    `value`: `levels` and `roles` that need one, `grace_days` to set it up. `begins` is the latest of: the policy's first
    day, the post's first day, the day the account was first used.
    """
    if level not in value.get("levels", ()) and role not in value.get("roles", ()):
        return None
    return begins + timedelta(days=int(value.get("grace_days", 0)))


def duty(account_id: int, now: datetime | None = None) -> Duty | None:
    """When the posts a person holds today demand a second step: the earliest day, or None (families may have one)."""
    now = now or datetime.now(UTC)
    with scopes.system("see whether a second step is needed", on_date=now.date()):
        rows = db.session.execute(
            sa.select(Post.role, Post.place_no, Post.first_day, Account.activated_at)
            .join(Account, Account.id == Post.account_id)
            .where(
                Post.account_id == account_id,
                Post.first_day <= now.date() + timedelta(days=1),  # it is tomorrow already east of here
                sa.or_(Post.last_day.is_(None), Post.last_day >= now.date() - timedelta(days=1)),
            )
        ).all()
        known = {place: _policy(place, now.date()) for place in {row.place_no for row in rows}}  # one place, rarely two
    found = []
    for row in rows:
        role, policy = roles.book.find(row.role), known[row.place_no]
        if role is None or policy is None:
            continue
        begins = max(policy.valid_from, row.first_day, (row.activated_at or now).date())
        day = due(role.level, role.name, policy.value, begins)
        if day is not None:
            found.append(Duty(day, policy.legal_basis))
    return min(found, key=lambda one: one.since, default=None)


def _policy(place: int, on: date) -> policies.Policy | None:
    try:
        return policies.resolve(KEY, place=place, on=on)
    except policies.NoPolicy:
        return None
