"""Every attempt to sign in and the sessions that came of it: what can be ended and shown to its owner."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import Refusal
from core.security import notices, origins, suspicion
from core.security import scope as scopes
from core.security.rows import Unscoped
from core.text import _

#: Attempts and ended sessions are kept this long, to notice attacks and to answer "was that me?".
KEPT = timedelta(days=90)
#: So many earlier attempts are looked at to judge a new sign-in.
_LOOKED_AT = 200


class AttemptUsed(Refusal):
    """An attempt to sign in became a session already, or waited too long for its second step."""

    code: ClassVar[str] = "sign-in.used"
    http: ClassVar[int] = 401


class SignIn(Unscoped("a person's, no place's; read and written by the system only"), db.Model):  # type: ignore[misc]
    """One attempt; `in` ones hold the hash of the key that the browser's session carries.

    `browser` and `network` say where it came from (core/security/origins.py). `second` is the second step that was passed
    (app, passkey, recovery), `second_due` the day from which this person's role needs one, `proved_at` when the person last
    proved who they are in this session.
    """

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
    browser: Mapped[str] = mapped_column(server_default="")
    network: Mapped[str] = mapped_column(server_default="")
    second: Mapped[str] = mapped_column(server_default="")
    second_due: Mapped[date | None]
    proved_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


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


def begin(
    account_id: int, attempt_id: int | None = None, *, second: str = "", second_due: date | None = None
) -> str:
    """Open a session and give its key for the browser; a good attempt becomes it, failures are forgotten.

    `second` is the step that was passed besides the password, `second_due` the day from which the role needs one. A sign-in
    from elsewhere or after failures is told to its owner. Raises `AttemptUsed`: one attempt opens one session.
    """
    key = secrets.token_urlsafe(32)
    now, here = datetime.now(UTC), origins.current()
    with scopes.system("sign in", actor=f"account:{account_id}"):
        facts = {
            "account_id": account_id, "outcome": "in", "cause": "", "key_hash": hashed(key), "second": second,
            "second_due": second_due, "browser": here.browser, "network": here.network, "proved_at": now,
        }  # fmt: skip
        raised = suspicion.judge(here, _past(account_id, attempt_id)) if here != origins.Origin() else frozenset()
        if attempt_id is None:
            db.session.execute(sa.insert(SignIn).values(at=now, **facts))
        else:
            own = sa.update(SignIn).where(SignIn.id == attempt_id, SignIn.key_hash.is_(None))
            if db.session.execute(own.values(**facts)).rowcount != 1:  # type: ignore[attr-defined]
                raise AttemptUsed(_("This attempt to sign in has been used. Please sign in again."))
        db.session.execute(
            sa.text(
                "update core.account set failed_logins = 0, locked_until = null, last_login_at = :now "
                "where id = :id"
            ),
            {"now": now, "id": account_id},
        )
        for kind in sorted(raised):
            notices.tell_owner(account_id, kind, browser=here.browser, network=here.network)
        db.session.commit()
    return key


def _past(account_id: int, attempt_id: int | None) -> list[suspicion.Past]:
    rows = db.session.execute(
        sa.select(SignIn.outcome, SignIn.cause, SignIn.browser, SignIn.network)
        .where(SignIn.account_id == account_id, SignIn.id != (attempt_id or 0))
        .order_by(SignIn.id.desc())
        .limit(_LOOKED_AT)
    ).all()
    return [
        suspicion.Past(row.outcome == "in", row.cause, origins.Origin(row.browser, row.network))
        for row in rows
    ]


def renew_key(sign_in_id: int) -> str:
    """A new key for an open session; the one before opens nothing more (ASVS V7.2.4). As the system; the caller commits."""
    key = secrets.token_urlsafe(32)
    db.session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(key_hash=hashed(key)))
    return key


def proved(sign_in_id: int, *, at: datetime, second: str | None = None) -> None:
    """Note in a session that its person has just proved who they are. As the system; the caller commits."""
    facts: dict[str, object] = {"proved_at": at} if second is None else {"proved_at": at, "second": second}
    db.session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(**facts))


def end(
    account_id: int,
    *,
    key: str | None = None,
    keep: int | None = None,
    only: int | None = None,
    because: str,
) -> int:
    """End one session (by key or number) or all of a person but `keep`; gives how many ended."""
    with scopes.system("end sessions", actor=f"account:{account_id}"):
        ended = end_within(account_id, key=key, keep=keep, only=only, because=because)
        db.session.commit()
    return ended


def end_within(
    account_id: int,
    *,
    key: str | None = None,
    keep: int | None = None,
    only: int | None = None,
    because: str,
) -> int:
    """The same as part of other work. As the system; the caller commits."""
    which = [SignIn.account_id == account_id, SignIn.outcome == "in", SignIn.ended_at.is_(None)]
    if key is not None:
        which.append(SignIn.key_hash == hashed(key))
    if keep is not None:
        which.append(SignIn.id != keep)
    if only is not None:
        which.append(SignIn.id == only)
    ended = db.session.execute(
        sa.update(SignIn).where(*which).values(ended_at=datetime.now(UTC), ended_because=because)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def of(account_id: int, limit: int = 20) -> list[SignIn]:
    """A person's latest attempts and sessions, newest first."""
    with scopes.system("show a person their sign-ins"):
        found = db.session.scalars(
            sa.select(SignIn).where(SignIn.account_id == account_id).order_by(SignIn.id.desc()).limit(limit)
        ).all()
        db.session.expunge_all()
    return list(found)


def open_of(account_id: int, limit: int = 50, now: datetime | None = None) -> list[SignIn]:
    """A person's sessions that still open pages, newest first; those of before the longest session are over."""
    from core.security.identity import LONGEST

    with scopes.system("show a person their sessions"):
        found = db.session.scalars(
            sa.select(SignIn)
            .where(
                SignIn.account_id == account_id,
                SignIn.outcome == "in",
                SignIn.ended_at.is_(None),
                SignIn.at > (now or datetime.now(UTC)) - LONGEST,
            )
            .order_by(SignIn.id.desc())
            .limit(limit)
        ).all()
        db.session.expunge_all()
    return list(found)


def forget_old(now: datetime | None = None) -> int:
    """Delete what is older than `KEPT`; runs daily."""
    with scopes.system("forget old sign-ins"):
        gone = db.session.execute(sa.delete(SignIn).where(SignIn.at < (now or datetime.now(UTC)) - KEPT))
        db.session.commit()
    return int(gone.rowcount)  # type: ignore[attr-defined]
