"""Personal accounts and the posts people work in: one role at one place at a time (S1-241)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db.base import db
from core.security.rows import PlaceScoped, Scoped

STATES = ("active", "suspended", "left")
#: Place number of posts and accounts that belong to the whole installation (administrators).
EVERYWHERE = 0


class Account(Scoped, db.Model):
    """A person's account; `region_no` is the region whose officers look after it, or `EVERYWHERE` (S1-207).

    People's sessions cannot read the password and the session mark, and cannot set a password at all: the
    database refuses it (migration core_0003). `suspended_because` is officer or disuse (S1-225).
    """

    __tablename__ = "account"
    __scope_column__ = "region_no"
    __own__ = "id"
    #: One account ID signs in whatever the place; officers learn only that one is taken.
    __global_unique__ = ("uq_account_login", "uq_account_fs_uniquifier")

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default="en")
    password: Mapped[str | None] = mapped_column(deferred=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True, deferred=True)
    state: Mapped[str] = mapped_column(server_default="active")
    suspended_because: Mapped[str] = mapped_column(server_default="")
    failed_logins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    last_login_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    active_since: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    activated_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    region_no: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    posts: Mapped[list[Post]] = relationship(back_populates="account", order_by="Post.id")


class Post(PlaceScoped, db.Model):
    """A role at a place from a first to a last day; `extra` are further facilities of it (at most 63)."""

    __tablename__ = "post"
    __own__ = "account_id"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str]
    extra: Mapped[list[int]] = mapped_column(sa.ARRAY(sa.BigInteger), server_default="{}")
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    reason: Mapped[str] = mapped_column(server_default="")
    account: Mapped[Account] = relationship(back_populates="posts")

    def holds(self, on: date) -> bool:
        """Tell whether the post is in force on a day."""
        return self.first_day <= on and (self.last_day is None or on <= self.last_day)


@dataclass(frozen=True)
class Reach:
    """Where notices for an account's person go."""

    name: str
    language: str
    email: str
    phone: str = ""


def reach(account_id: int) -> Reach | None:
    """How to reach the person of an account, as far as the scope may read it; None for one that is gone or has left."""
    query = sa.select(Account.name, Account.language, Account.email).where(
        Account.id == account_id, Account.state != "left"
    )
    found = db.session.execute(query).one_or_none()
    return Reach(found.name, found.language, found.email or "") if found else None
