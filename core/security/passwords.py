"""Passwords: hashed with argon2 by Flask-Security, chosen by their owner only, and hard to guess."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar
from uuid import uuid4

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.security import hashing, notices
from core.security import scope as scopes
from core.text import _

SHORTEST, LONGEST = 10, 128
ARGON2 = hashing.ARGON2
#: zxcvbn's scale from 0 to 4; 3 needs more than 10^8 guesses.
_STRONG = 3
_CHECKED = 64  # zxcvbn grows steeply with length, and the start of a password already tells


class WeakPassword(Refusal):
    """The password is too short, too long or easy to guess."""

    code: ClassVar[str] = "password.weak"
    http: ClassVar[int] = 422


def normalized(password: str) -> str:
    """The same characters however a keyboard composed them (Hangul syllables, Polish letters)."""
    plain = password.replace("\0", "\ufffd").encode("utf-8", "replace").decode()  # no keyboard types these
    return unicodedata.normalize("NFKD", plain)


def checked(password: str, *own_words: str) -> str:
    """The normalized password, or `WeakPassword`; `own_words` (name, account ID) make bad passwords."""
    if not SHORTEST <= len(unicodedata.normalize("NFC", password)) <= LONGEST:
        raise WeakPassword(
            _(
                "A password has %(least)s to %(most)s characters. A short sentence is easy to remember.",
                least=SHORTEST,
                most=LONGEST,
            )
        )
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # a second and 14 MiB: loaded when somebody chooses a password

    words = ["dolbom", *(part for word in own_words for part in (word, *word.split()))]
    if zxcvbn(unicodedata.normalize("NFC", password)[:_CHECKED], user_inputs=words)["score"] < _STRONG:
        raise WeakPassword(
            _(
                "This password is easy to guess. "
                "Take several words that do not belong together, without your name."
            )
        )
    return normalized(password)


def hashed(password: str) -> str:
    """The argon2 hash of a normalized password. Raises `TooBusy` when very many are hashed at this moment."""
    from flask_security.utils import hash_password

    with hashing.slot():
        found: str = hash_password(password)
    return found


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return hashed(uuid4().hex)


def matches(password: str, stored: str | None) -> bool:
    """Compare a typed password with a hash; without one (unknown account) the same work is done in vain.

    Raises `TooBusy` when very many are compared at this moment.
    """
    from flask_security.utils import verify_password

    nobody = _nobodys()
    with hashing.slot():
        right: bool = verify_password(normalized(password)[: LONGEST * 4], stored or nobody)
    return right and stored is not None


def of(account_id: int) -> str | None:
    """The stored hash of one's own password, to compare before changing it."""
    with scopes.system("compare a password", actor=f"account:{account_id}"):
        return db.session.execute(
            sa.text("select password from core.account where id = :id"), {"id": account_id}
        ).scalar()


def choose(account_id: int, password: str) -> None:
    """Store a checked password its owner chose; all sessions end. The caller commits, in a system scope."""
    store(account_id, hashed(password), uuid4().hex)


def store(account_id: int, hashed_password: str | None, mark: str) -> None:
    """Store a hash with a new session mark, so that every session of before ends; its owner is told. The caller commits."""
    facts = {"password": hashed_password, "mark": mark, "now": datetime.now(UTC), "id": account_id}
    changed = db.session.execute(
        sa.text(
            "update core.account set password = :password, fs_uniquifier = :mark, failed_logins = 0, "
            "locked_until = null, activated_at = coalesce(activated_at, :now) where id = :id returning region_no"
        ),
        facts,
    ).scalar()
    if changed is not None:
        notices.tell(account_id, "credential-changed", place=changed, what="password-changed")
    db.session.execute(
        sa.text(
            "update core.sign_in set ended_at = :now, ended_because = 'password changed' "
            "where account_id = :id and outcome = 'in' and ended_at is null"
        ),
        facts,
    )
