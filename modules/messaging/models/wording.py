"""A place's own words for a template, agreed by a second officer; and texts people typed, to be offered again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import PlaceScoped, RegionScoped, _, db

WORDING_STATES = ("draft", "submitted", "approved", "rejected", "replaced")


class Wording(RegionScoped, db.Model):
    """A region's text for one template in one language. Everybody reads it: a centre sends in its region's words."""

    __tablename__ = "wording"
    __title__ = _("Wordings of messages")
    __read__ = "all"
    __table_args__ = (
        sa.CheckConstraint("state in ('draft', 'submitted', 'approved', 'rejected', 'replaced')", name="state"),
        sa.CheckConstraint("decided_by <> submitted_by", name="four_eyes"),
        sa.CheckConstraint("provider_state in ('', 'submitted', 'approved', 'rejected')", name="provider"),
        sa.Index(
            "uq_wording_in_force", "region_no", "template", "language", unique=True,
            postgresql_where=sa.text("state = 'approved'"),
        ),
        sa.Index("ix_wording_template", "template", "language", "region_no"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    template: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    reason: Mapped[str] = mapped_column(server_default="")
    #: The provider's own decision: only texts it approved go out as Alimtalk.
    provider_state: Mapped[str] = mapped_column(server_default="")
    provider_code: Mapped[str] = mapped_column(server_default="")
    provider_reason: Mapped[str] = mapped_column(server_default="")
    written_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    submitted_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    changed_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )


class Phrase(PlaceScoped, db.Model):
    """A text a place's people sent before, offered again from its first letters, the most used first (S0-18)."""

    __tablename__ = "phrase"
    __title__ = _("Texts used before")
    __no_history__ = "a counter of what was typed"
    __table_args__ = (
        sa.UniqueConstraint("place_no", "digest", name="uq_phrase_place_no_digest"),
        sa.Index("ix_phrase_start", "place_no", "start", postgresql_ops={"start": "text_pattern_ops"}),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    #: The first letters in lower case, as the search by what was typed so far reads them.
    start: Mapped[str]
    digest: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    uses: Mapped[int] = mapped_column(server_default="1")
    used_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
