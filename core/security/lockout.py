"""Signing in with a password under soft lockout: each further failure waits longer, at most 15 minutes.

The wait ends by itself. Unknown account, wrong password, waiting, suspended and left accounts take the same
work and time and get the same answer; nobody learns which accounts exist (S1-241, security.md).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.security import contacts, passwords
from core.security import scope as scopes
from core.text import _

#: Failures that cost nothing: people mistype.
FREE = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
#: Every refusal takes at least this long (seconds), whatever was wrong.
FLOOR = 0.25
_LONGEST_LOGIN = 200


class SignInRefused(Refusal):
    """The account and password did not let anybody in; the text never says why."""

    code: ClassVar[str] = "sign-in.refused"
    http: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__(
            _(
                "Signing in did not work. Check account ID and password. After several failures please wait up to "
                "15 minutes; if it still does not work, ask the officer who looks after your account."
            )
        )


@dataclass(frozen=True)
class Admitted:
    """An attempt that was right; `sign_ins.begin` makes a session of it."""

    attempt_id: int
    account_id: int
    login: str
    name: str
    uniquifier: str
    language: str


# The failures so far, this one included; read from the row as it is after waiting for its lock, not a
# snapshot.
_N = """case when a.locked_until < cast(:now as timestamptz) - :longest * interval '1 second' then 1
             else a.failed_logins + 1 end"""
# The attempt is counted before the password is looked at, so that attempts side by side share no count.
# While an account waits, attempts count for nothing: a storm cannot make the wait longer.
_COUNT = sa.text(
    """
with found as (
  select id, login, name, password, fs_uniquifier, language, state from core.account
   where login = :login or id = :registered
), counted as (
  update core.account a
     set failed_logins = {n},
         locked_until = case when {n} > :free then cast(:now as timestamptz)
             + least(:longest, :first * power(2, least({n} - :free - 1, 20))) * interval '1 second' end
    from found
   where a.id = found.id and a.state = 'active' and (a.locked_until is null or a.locked_until <= :now)
  returning a.id
), noted as (
  insert into core.sign_in (at, account_id, outcome, cause)
  select :now, (select id from found), 'refused',
         case when not exists (select from found) then 'unknown'
              when (select state from found) <> 'active' then (select state from found)
              when not exists (select from counted) then 'locked'
              else 'password' end
  returning id, cause
)
select noted.id as attempt_id, noted.cause, found.* from noted left join found on true
""".replace("{n}", f"({_N})")
)


def attempt(login: str, password: str) -> Admitted:
    """Count one attempt and compare the password; raises `SignInRefused`, after at least `FLOOR` seconds."""
    began = time.perf_counter()
    row = _counted(login.replace("\0", "").strip().lower()[:_LONGEST_LOGIN])
    right = passwords.matches(password, row.password)
    if right and row.cause == "password":
        return Admitted(row.attempt_id, row.id, row.login, row.name, row.fs_uniquifier, row.language)
    time.sleep(max(0.0, FLOOR - (time.perf_counter() - began)))
    raise SignInRefused


def _counted(login: str) -> Any:
    facts: dict[str, Any] = {
        "login": login,
        "now": datetime.now(UTC),
        "free": FREE,
        "first": FIRST_WAIT.total_seconds(),
        "longest": LONGEST_WAIT.total_seconds(),
    }
    with scopes.system("sign in", actor="sign-in"):
        facts["registered"] = contacts.account_signing_in(login)
        row = db.session.execute(_COUNT, facts).one()
        db.session.commit()
    return row
