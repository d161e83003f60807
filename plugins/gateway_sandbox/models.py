"""What the practice gateway took, and when it is down."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import PlaceScoped, RetentionRule, _, db, declare_retention


class Delivery(PlaceScoped, db.Model):
    """One message the gateway was offered, with its answer and what its receipt says from `told_from` on."""

    __tablename__ = "delivery"
    __title__ = _("What the practice gateway took")
    __no_history__ = "each row is itself the record of what happened"
    __table_args__ = (
        sa.UniqueConstraint("place_no", "key", name="uq_delivery_place_no_key"),
        sa.Index("ix_delivery_reference", "reference"),
        sa.Index("ix_delivery_place", "place_no", "id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    key: Mapped[str]
    reference: Mapped[str]
    channel: Mapped[str]
    sender: Mapped[str] = mapped_column(server_default="")
    recipient: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str]
    #: Why it was refused at once; empty for what was taken.
    refused: Mapped[str] = mapped_column(server_default="")
    outcome: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())
    #: From when on the receipt is told; None = never.
    told_from: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Outage(PlaceScoped, db.Model):
    """A time in which the gateway takes nothing from a region."""

    __tablename__ = "outage"
    __title__ = _("When the practice gateway is down")
    __no_history__ = "a switch of a practice machine"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


DELIVERIES = declare_retention(
    RetentionRule("gateway_sandbox.delivery", Delivery, Delivery.at, keep="7d", title=_("What the practice gateway took"))
)
