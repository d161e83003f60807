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
from core.security import contacts, hashing, origins, passwords
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
  insert into core.sign_in (at, account_id, browser, network, outcome, cause)
  select :now, (select id from found), :browser, :network, 'refused',
         case when not exists (select from found) then 'unknown'
              when (select state from found) <> 'active' then (select state from found)
              when not exists (select from counted) then 'locked'
              else 'password' end
  returning id, cause
)
select noted.id as attempt_id, noted.cause, found.* from noted left join found on true
""".replace("{n}", f"({_N})")
)


# A code of the second step is counted like a password: whoever has the password guesses no more often than anybody.
_COUNT_STEP = sa.text(
    """
update core.account a
   set failed_logins = {n},
       locked_until = case when {n} > :free then cast(:now as timestamptz)
           + least(:longest, :first * power(2, least({n} - :free - 1, 20))) * interval '1 second' end
 where a.id = :id and a.state = 'active' and (a.locked_until is null or a.locked_until <= :now)
""".replace("{n}", f"({_N})")
)


def attempt(login: str, password: str) -> Admitted:
    """Count one attempt and compare the password; raises `SignInRefused`, after at least `FLOOR` seconds.

    Raises `TooBusy`, before anything is counted, when very many try at this moment.
    """
    with hashing.entrance():
        began = time.perf_counter()
        row = _counted(login.replace("\0", "").strip().lower()[:_LONGEST_LOGIN])
        right = passwords.matches(password, row.password)
        if right and row.cause == "password":
            return Admitted(row.attempt_id, row.id, row.login, row.name, row.fs_uniquifier, row.language)
        time.sleep(max(0.0, FLOOR - (time.perf_counter() - began)))
        raise SignInRefused


def count_step(account_id: int) -> None:
    """Count one code before it is looked at; raises `SignInRefused` while the account waits.

    As the system; the caller commits. A sign-in that succeeds (`sign_ins.begin`) forgets the count.
    """
    if db.session.execute(_COUNT_STEP, {"id": account_id, **_times()}).rowcount != 1:  # type: ignore[attr-defined]
        raise SignInRefused


def uncount(account_id: int) -> None:
    """Take back the count of an attempt whose password was right, and forgive nothing else: a code is still to come.

    As the system; the caller commits. Failures stay until somebody is let in, so that the right password buys no guesses.
    """
    db.session.execute(
        sa.text(
            "update core.account set failed_logins = greatest(failed_logins - 1, 0), locked_until = null where id = :id"
        ),
        {"id": account_id},
    )


def note_failure(account_id: int, cause: str) -> None:
    """Keep a refused attempt for the owner to see. As the system; the caller commits."""
    here = origins.current()
    db.session.execute(
        sa.text(
            "insert into core.sign_in (at, account_id, browser, network, outcome, cause) "
            "values (:now, :id, :browser, :network, 'refused', :cause)"
        ),
        {"now": datetime.now(UTC), "id": account_id, "browser": here.browser, "network": here.network, "cause": cause},
    )


def _counted(login: str) -> Any:
    here = origins.current()
    facts = {"login": login, "browser": here.browser, "network": here.network, **_times()}
    with scopes.system("sign in", actor="sign-in"):
        facts["registered"] = contacts.account_signing_in(login)
        row = db.session.execute(_COUNT, facts).one()
        db.session.commit()
    return row


def _times() -> dict[str, Any]:
    return {
        "now": datetime.now(UTC),
        "free": FREE,
        "first": FIRST_WAIT.total_seconds(),
        "longest": LONGEST_WAIT.total_seconds(),
    }
