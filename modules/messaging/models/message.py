"""A message to one person, and each attempt to bring it by one channel."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import PlaceScoped, _, db

#: `letter` waits to be printed, `posted` was; `withheld` was promotional and the person wants none.
STATES = ("queued", "sent", "delivered", "failed", "letter", "posted", "withheld")
ATTEMPT_STATES = ("sent", "delivered", "failed", "expired", "skipped")


class Message(PlaceScoped, db.Model):
    """One message, written in the transaction of the fact it tells; secret facts stand as marks in its text."""

    __tablename__ = "message"
    __title__ = _("Messages")
    __own__ = "account_id"
    __table_args__ = (
        sa.CheckConstraint(
            "state in ('queued', 'sent', 'delivered', 'failed', 'letter', 'posted', 'withheld')", name="state"
        ),
        sa.CheckConstraint("kind in ('service', 'promotional')", name="kind"),
        sa.UniqueConstraint("place_no", "key", name="uq_message_place_no_key"),
        sa.Index("ix_message_place", "place_no", "id"),
        sa.Index("ix_message_mine", "account_id", "id", postgresql_where=sa.text("account_id is not null")),
        sa.Index("ix_message_about", "about", "id", postgresql_where=sa.text("about <> ''")),
        sa.Index(
            "ix_message_failed", "place_no", "id",
            postgresql_where=sa.text("state = 'failed' or state = 'letter'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    key: Mapped[str]
    template: Mapped[str]
    kind: Mapped[str]
    #: The wording used, None for the text a module ships.
    wording_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    about: Mapped[str] = mapped_column(server_default="")
    account_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str]
    language: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default="")
    email: Mapped[str] = mapped_column(server_default="")
    postal: Mapped[str] = mapped_column(server_default="")
    #: To what is written here and nowhere else, also when the account has other addresses: a code proves its own address.
    only_here: Mapped[bool] = mapped_column(server_default=sa.false())
    subject: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    reason: Mapped[str] = mapped_column(server_default="")
    channel: Mapped[str] = mapped_column(server_default="")
    #: Where on the ladder it stands; each correction begins a new round.
    round: Mapped[int] = mapped_column(server_default="0")
    step: Mapped[int] = mapped_column(server_default="0")
    step_since: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    #: What all attempts cost together, in minor units of the region's currency.
    cost_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    written_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    read_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Attempt(PlaceScoped, db.Model):
    """One try by one channel: what the gateway said, and what its receipt said later."""

    __tablename__ = "attempt"
    __title__ = _("Attempts to deliver a message")
    __no_history__ = "each row is itself the record of what happened"
    __table_args__ = (
        sa.CheckConstraint(
            "state in ('sent', 'delivered', 'failed', 'expired', 'skipped')", name="state"
        ),
        sa.UniqueConstraint("message_id", "round", "step", name="uq_attempt_message_id_round_step"),
        sa.Index(
            "ix_attempt_reference", "gateway", "reference", postgresql_where=sa.text("reference <> ''")
        ),
        sa.Index("ix_attempt_waiting", "receipt_due_at", postgresql_where=sa.text("state = 'sent'")),
        sa.Index("ix_attempt_month", "place_no", "at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("messaging.message.id", ondelete="CASCADE"), index=True
    )
    round: Mapped[int]
    step: Mapped[int]
    channel: Mapped[str]
    gateway: Mapped[str] = mapped_column(server_default="")
    reference: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    #: Bytes as the gateway counts them.
    size: Mapped[int] = mapped_column(server_default="0")
    cost_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    currency: Mapped[str] = mapped_column(server_default="")
    #: The policies its way, price and length came from.
    policy_ids: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.String), server_default="{}")
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())
    receipt_due_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    receipt_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
