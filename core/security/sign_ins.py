"""Every attempt to sign in and the sessions that came of it: what can be ended and shown to its owner."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.security import scope as scopes
from core.security.rows import Unscoped

#: Attempts and ended sessions are kept this long, to notice attacks and to answer "was that me?".
KEPT = timedelta(days=90)


class SignIn(Unscoped("a person's, no place's; read and written by the system only"), db.Model):  # type: ignore[misc]
    """One attempt; `in` ones hold the hash of the key that the browser's session carries."""

    __tablename__ = "sign_in"
    __table_args__ = (sa.Index("ix_sign_in_at", "at", postgresql_using="brin"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    account_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    outcome: Mapped[str]
    cause: Mapped[str] = mapped_column(server_default="")
    key_hash: Mapped[str | None] = mapped_column(unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    ended_because: Mapped[str] = mapped_column(server_default="")


_current: ContextVar[int | None] = ContextVar("dolbom_sign_in", default=None)


def current() -> int | None:
    """The sign-in this work belongs to; None for the system and for work without a browser."""
    return _current.get()


@contextmanager
def within(sign_in_id: int | None) -> Iterator[None]:
    """Work as part of a sign-in."""
    token = _current.set(sign_in_id)
    try:
        yield
    finally:
        _current.reset(token)


def hashed(key: str) -> str:
    """What the database keeps of a key: reading the table gives nobody a session."""
    return sha256(key.encode()).hexdigest()


def begin(account_id: int, attempt_id: int | None = None) -> str:
    """Open a session and give its key for the browser; a good attempt becomes it, failures are forgotten."""
    key = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    with scopes.system("sign in", actor=f"account:{account_id}"):
        facts = {"account_id": account_id, "outcome": "in", "cause": "", "key_hash": hashed(key)}
        if attempt_id is None:
            db.session.execute(sa.insert(SignIn).values(at=now, **facts))
        else:
            db.session.execute(sa.update(SignIn).where(SignIn.id == attempt_id).values(**facts))
        db.session.execute(
            sa.text(
                "update core.account set failed_logins = 0, locked_until = null, last_login_at = :now "
                "where id = :id"
            ),
            {"now": now, "id": account_id},
        )
        db.session.commit()
    return key


def end(account_id: int, *, key: str | None = None, keep: int | None = None, because: str) -> int:
    """End one session (by key) or all of a person but `keep`; gives how many ended."""
    which = [SignIn.account_id == account_id, SignIn.outcome == "in", SignIn.ended_at.is_(None)]
    if key is not None:
        which.append(SignIn.key_hash == hashed(key))
    if keep is not None:
        which.append(SignIn.id != keep)
    with scopes.system("end sessions", actor=f"account:{account_id}"):
        ended = db.session.execute(
            sa.update(SignIn).where(*which).values(ended_at=datetime.now(UTC), ended_because=because)
        )
        db.session.commit()
    return int(ended.rowcount)  # type: ignore[attr-defined]


def of(account_id: int, limit: int = 20) -> list[SignIn]:
    """A person's latest attempts and sessions, newest first."""
    with scopes.system("show a person their sign-ins"):
        found = db.session.scalars(
            sa.select(SignIn).where(SignIn.account_id == account_id).order_by(SignIn.id.desc()).limit(limit)
        ).all()
        db.session.expunge_all()
    return list(found)


def forget_old(now: datetime | None = None) -> int:
    """Delete what is older than `KEPT`; runs daily."""
    with scopes.system("forget old sign-ins"):
        gone = db.session.execute(sa.delete(SignIn).where(SignIn.at < (now or datetime.now(UTC)) - KEPT))
        db.session.commit()
    return int(gone.rowcount)  # type: ignore[attr-defined]
