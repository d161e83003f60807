"""What is kept of a person's second steps: secrets sealed, codes hashed, of a passkey its public half only."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.security.crypto import sealed_column
from core.security.rows import Unscoped

_Own = Unscoped("a person's, no place's; read and written by the system only")


class Authenticator(_Own, db.Model):  # type: ignore[misc,valid-type]
    """An app that shows a new code every 30 seconds (TOTP, RFC 6238); unconfirmed until a first code was right.

    `last_counter` is the number of the last period whose code was used: a code never works twice.
    """

    __tablename__ = "authenticator"
    #: What the sealed secret is bound to besides table, column and row.
    __sealed_to__: ClassVar[str] = "account_id"
    __table_args__ = (
        sa.Index(
            "uq_authenticator_one",
            "account_id",
            unique=True,
            postgresql_where=sa.text("confirmed_at is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    secret: Mapped[bytes | None] = sealed_column()
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    confirmed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    last_used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Passkey(_Own, db.Model):  # type: ignore[misc,valid-type]
    """A key pair (WebAuthn) whose private half never leaves its owner's device; `sign_count` finds copies of it."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    credential: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    transports: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.String), server_default="{}")
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class RecoveryCode(_Own, db.Model):  # type: ignore[misc,valid-type]
    """A code that stands in for a second step once; the codes of one set share a salt."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    salt: Mapped[bytes]
    code_hash: Mapped[bytes]
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class UsedChallenge(Unscoped("answers to a question already answered; the system only"), db.Model):  # type: ignore[misc]
    """The hash of a challenge a passkey has answered, so that the same answer opens nothing again."""

    __tablename__ = "used_challenge"

    challenge: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), index=True)
