"""The list of a centre as everybody may read it: pseudonyms, tiers, points, and every step that moved somebody (S2-14, S2-16)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityScoped, _, db


class Entry(FacilityScoped, db.Model):
    """One application's place in a list: nothing here names anybody, so everybody may read it.

    `arrival` counts without gaps within a centre and never changes (the database refuses it); the order is tier, points, arrival.
    """

    __tablename__ = "entry"
    __title__ = _("Waiting lists")
    __read__ = "all"
    __global_unique__ = ("uq_entry_pseudonym",)  # random, tells nothing
    __table_args__ = (
        sa.UniqueConstraint("facility_id", "arrival"),
        sa.Index("ix_entry_order", "facility_id", "class_age", "state", "rank_tier", sa.text("points desc"), "arrival"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("enrollment.application.id", ondelete="CASCADE"), index=True
    )
    pseudonym: Mapped[str] = mapped_column(unique=True)
    arrival: Mapped[int] = mapped_column(sa.BigInteger)
    class_age: Mapped[int] = mapped_column(sa.SmallInteger)
    wanted_from: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="waiting")
    tier: Mapped[int] = mapped_column(sa.SmallInteger)
    points: Mapped[int]
    #: What the order looks at before the points: the tier where the policy says so, else 0.
    rank_tier: Mapped[int] = mapped_column(sa.SmallInteger)
    policy_id: Mapped[str]


class ListEvent(FacilityScoped, db.Model):
    """A step of a list, never changed or deleted: who (by pseudonym), what, when, why by code."""

    __tablename__ = "list_event"
    __title__ = _("Steps of waiting lists")
    __read__ = "all"
    __no_history__ = "it is a history itself, and the database refuses to change it"
    __table_args__ = (sa.Index("ix_list_event_of", "facility_id", "id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    pseudonym: Mapped[str]
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
