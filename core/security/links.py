"""Single-use links: the only way to a password, which the person chooses and nobody else (ASVS V6.4.6)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import Refusal
from core.security import derived, passwords
from core.security import scope as scopes
from core.security.accounts import Account
from core.security.rows import Scoped
from core.text import _

#: A first link is handed over in person, often days before the first day; a reset is done on the spot. What goes to a
#: person's own contact (S1-220, S1-223) lasts ten minutes.
LASTS = {
    "activate": timedelta(days=3), "reset": timedelta(hours=1), "recover": timedelta(minutes=10), "unlock": timedelta(minutes=10),
}  # fmt: skip
#: Links by which a password is chosen; the last one only ends a waiting time.
TO_PASSWORD = ("activate", "reset", "recover")
#: Links a person asked for: made anew from the row whenever they are sent.
SENT = ("recover", "unlock")


class LinkGone(Refusal):
    """The link was used, is too old, was replaced, or never existed."""

    code: ClassVar[str] = "link.gone"
    http: ClassVar[int] = 404


class AccountLink(Scoped, db.Model):
    """A link that was handed out: only the hash of its token is kept, so reading the table opens nothing."""

    __tablename__ = "account_link"
    __scope_column__ = "region_no"
    #: Tokens are random: that one is taken says nothing.
    __global_unique__ = ("uq_account_link_token_hash",)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    region_no: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    purpose: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    salt: Mapped[str | None] = mapped_column(deferred=True)
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


@dataclass(frozen=True)
class Invitation:
    """Whom a good link is for."""

    account_id: int
    login: str
    name: str
    language: str


def make(account: Account, purpose: str) -> str:
    """A new token for the person, shown once to who hands it over; earlier unused ones stop working.

    The caller has asked for the permission and commits.
    """
    token = secrets.token_urlsafe(32)
    _put(account, purpose, token)
    return token


def make_to_send(account: Account, purpose: str) -> int:
    """A link for the person's own contact; gives its id. `token_of` makes the token when it is sent.

    In the system's session; the caller commits.
    """
    salt = derived.new_salt()
    return int(_put(account, purpose, derived.token(salt), salt).id)


def token_of(link_id: int) -> str | None:
    """The token of a link to be sent now; None when it was used, replaced or is too old. In the system's session."""
    row = db.session.get(AccountLink, link_id)
    if row is None or row.salt is None or row.used_at is not None or row.expires_at <= datetime.now(UTC):
        return None
    return derived.token(row.salt)


def purpose_of(link_id: int) -> str | None:
    """What a link is for. In the system's session."""
    found: str | None = db.session.scalar(sa.select(AccountLink.purpose).where(AccountLink.id == link_id))
    return found


def _put(account: Account, purpose: str, token: str, salt: str | None = None) -> AccountLink:
    now = datetime.now(UTC)
    db.session.execute(
        sa.update(AccountLink)
        .where(
            AccountLink.account_id == account.id, AccountLink.used_at.is_(None), AccountLink.expires_at > now
        )
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    made = AccountLink(
        account_id=account.id, region_no=account.region_no, purpose=purpose, token_hash=_hashed(token),
        made_at=now, expires_at=now + LASTS[purpose], salt=salt,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def look(token: str, purposes: tuple[str, ...] = TO_PASSWORD) -> Invitation:
    """Whom the link is for, without using it up; raises `LinkGone`, also for a link of another purpose."""
    with scopes.system("look at a link", actor="link"):
        row = db.session.execute(
            sa.text(
                "select a.id, a.login, a.name, a.language "
                "from core.account_link l join core.account a on a.id = l.account_id "
                "where l.token_hash = :token and l.used_at is null and l.expires_at > :now and a.state = 'active' "
                "and l.purpose = any(:purposes)"
            ),
            {"token": _hashed(token), "now": datetime.now(UTC), "purposes": list(purposes)},
        ).one_or_none()
    if row is None:
        raise _gone()
    return Invitation(*row)


def unlock(token: str) -> Invitation:
    """Use a link to unlock up: the waiting time after failures ends (S1-223). Raises `LinkGone`."""
    who = look(token, ("unlock",))
    with scopes.system("the person unlocked their account", actor=f"account:{who.account_id}"):
        _use(token)
        db.session.execute(
            sa.text("update core.account set failed_logins = 0, locked_until = null where id = :id"),
            {"id": who.account_id},
        )
        db.session.commit()
    return who


def redeem(token: str, password: str) -> Invitation:
    """Use the link up and store the password the person chose; raises `LinkGone` and `WeakPassword`."""
    who = look(token)
    good = passwords.checked(password, who.login, who.name)
    with scopes.system("the person chose a password", actor=f"account:{who.account_id}"):
        _use(token)
        passwords.choose(who.account_id, good)
        db.session.commit()
    return who


def _use(token: str) -> None:
    now = datetime.now(UTC)
    used = db.session.execute(
        sa.update(AccountLink)
        .where(
            AccountLink.token_hash == _hashed(token), AccountLink.used_at.is_(None), AccountLink.expires_at > now
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]  # somebody was faster with the same link
        raise _gone()


def _gone() -> LinkGone:
    return LinkGone(
        _("This link was used already, is too old or was replaced. Ask your officer for a new one.")
    )


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
