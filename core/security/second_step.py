"""Between the password and the session: a person with a second step is let in only when that has been passed too.

The password's attempt stays a refused one (cause `second`) until then; its number travels in the browser's signed session.
Tries at codes count towards the soft lockout like passwords, and one attempt opens one session at most.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.security import hashing, lockout, notices, sign_ins
from core.security import scope as scopes
from core.security.factors import apps, holding, passkeys, recovery
from core.security.lockout import Admitted
from core.security.sign_ins import SignIn
from core.text import _

#: After the password, the second step is passed within this time.
OPEN_FOR = timedelta(minutes=10)
_SIX_DIGITS = re.compile(r"\d{6}")

_WAITING = sa.text("""
select s.id as attempt_id, a.id, a.login, a.name, a.fs_uniquifier, a.language
  from core.sign_in s join core.account a on a.id = s.account_id
 where s.id = :attempt and s.outcome = 'refused' and s.cause = 'second' and s.at > :oldest
   and a.state = 'active' and a.fs_uniquifier = :uniquifier
""")
_OWNER = sa.text("""
select id, login, name, fs_uniquifier, language from core.account where id = :id and state = 'active'
""")


class StepRefused(Refusal):
    """The code is wrong, was used, or is too old; the text does not say which."""

    code: ClassVar[str] = "sign-in.step-refused"
    http: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__(_("This code does not fit. Wait for the next one in your app, or use another recovery code."))


class StepGone(Refusal):
    """The password was given too long ago, the account changed meanwhile, or the step was passed already."""

    code: ClassVar[str] = "sign-in.step-gone"
    http: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__(_("Signing in took too long or was finished already. Please begin again."))


def await_step(attempt_id: int, account_id: int) -> None:
    """Note that the password of an attempt was right and its second step is awaited."""
    with scopes.system("await the second step", actor="sign-in"):
        db.session.execute(
            sa.update(SignIn)
            .where(SignIn.id == attempt_id, SignIn.key_hash.is_(None))
            .values(cause="second", at=datetime.now(UTC))
        )
        lockout.uncount(account_id)
        db.session.commit()


def waiting(attempt_id: int, uniquifier: str) -> Admitted:
    """Whose second step is awaited. Raises `StepGone` after `OPEN_FOR`, a change of password, role or state, or its end."""
    oldest = datetime.now(UTC) - OPEN_FOR
    with scopes.system("who is signing in", actor="sign-in"):
        row = db.session.execute(
            _WAITING, {"attempt": attempt_id, "uniquifier": uniquifier, "oldest": oldest}
        ).one_or_none()
    if row is None:
        raise StepGone
    return Admitted(row.attempt_id, row.id, row.login, row.name, row.fs_uniquifier, row.language)


def by_code(account_id: int, code: str) -> str:
    """Check a code of the app or a recovery code and use it up; gives which it was (`app`, `recovery`).

    Raises `StepRefused`; `SignInRefused` while the account waits after failures; `TooBusy`. A wrong code is counted and
    shown to its owner among the attempts.
    """
    plain = re.sub(r"[\s-]", "", code)
    with hashing.entrance(), scopes.system("second step", actor=f"account:{account_id}"):
        lockout.count_step(account_id)
        db.session.commit()  # counted whatever happens next: attempts side by side share no count
        if _SIX_DIGITS.fullmatch(plain) and plain.isascii():
            second = "app" if apps.matches(account_id, plain) else ""
        else:
            second = "recovery" if recovery.matches(account_id, plain) else ""
        if not second:
            lockout.note_failure(account_id, "code")
        elif second == "recovery":
            notices.tell_owner(account_id, "credential-changed", what="code-used")
        db.session.commit()
    if not second:
        raise StepRefused
    return second


def by_passkey(
    site: passkeys.Site, answer: str, challenge: bytes, account_id: int | None = None
) -> Admitted:
    """Check a passkey's answer; gives its owner, with no attempt of their own (0). Raises `PasskeyRefused`.

    A passkey cannot be guessed: it lets its owner in also while a storm of wrong passwords makes the account wait.
    """
    with scopes.system("a passkey signs in", actor="sign-in"):
        found = passkeys.answered(site, answer, challenge, account_id)
        row = db.session.execute(_OWNER, {"id": found}).one_or_none()
        db.session.commit()
    if row is None:  # suspended or left: no more is said than for an unknown key
        raise passkeys.PasskeyRefused
    return Admitted(0, row.id, row.login, row.name, row.fs_uniquifier, row.language)


def prove_again(sign_in_id: int, account_id: int, login: str, password: str, code: str = "") -> str:
    """Check password and, where the person has one, the second step again in an open session (ASVS V7.5.1).

    Gives the session's new key for the browser. Wrong ones count as when signing in. Raises `SignInRefused`, `StepRefused`, `TooBusy`.
    """
    admitted = lockout.attempt(login, password)
    if admitted.account_id != account_id:
        raise lockout.SignInRefused
    if holding.held(account_id).any:
        with scopes.system("the password was right", actor=f"account:{account_id}"):
            lockout.uncount(account_id)
            db.session.commit()
        by_code(account_id, code)
    with scopes.system("proved again who they are", actor=f"account:{account_id}"):
        db.session.execute(sa.delete(SignIn).where(SignIn.id == admitted.attempt_id, SignIn.key_hash.is_(None)))
        forget_failures(account_id)
        sign_ins.proved(sign_in_id, at=datetime.now(UTC))
        key = sign_ins.renew_key(sign_in_id)
        db.session.commit()
    return key


def prove_again_by_passkey(
    site: passkeys.Site, sign_in_id: int, account_id: int, answer: str, challenge: bytes
) -> str:
    """The same by a passkey, which is two factors by itself. Raises `PasskeyRefused`."""
    with scopes.system("proved again who they are", actor=f"account:{account_id}"):
        passkeys.answered(site, answer, challenge, account_id)
        sign_ins.proved(sign_in_id, at=datetime.now(UTC), second="passkey")
        key = sign_ins.renew_key(sign_in_id)
        db.session.commit()
    return key


def forget_failures(account_id: int) -> None:
    """The person has proved who they are: earlier failures count no longer. As the system; the caller commits."""
    db.session.execute(
        sa.text("update core.account set failed_logins = 0, locked_until = null where id = :id"), {"id": account_id}
    )
