"""An application that is being filled in: kept after each step, so that it goes on on another device (F-51)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import RegionScoped, RetentionRule, _, db, declare_retention


class Draft(RegionScoped, db.Model):
    """What one person has filled in for one centre so far; nobody else sees it, and it counts for nothing until it is sent."""

    __tablename__ = "draft"
    __title__ = _("Applications being filled in")
    __own__ = "account_id"
    __no_history__ = "what somebody has not sent yet is nobody's business"
    __table_args__ = (sa.UniqueConstraint("account_id", "facility_id", "region_no"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    facility_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.place.no", ondelete="CASCADE"), index=True
    )
    child_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.child.id", ondelete="SET NULL"), index=True
    )
    wanted_from: Mapped[date | None]
    claims: Mapped[list[str]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    #: The step that comes next.
    step: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    #: Counts the savings: a page that was opened before another device saved knows it is old.
    version: Mapped[int] = mapped_column(server_default="0")
    saved_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )


DRAFTS = declare_retention(
    RetentionRule("enrollment.draft", Draft, Draft.saved_at, keep="90d", title=_("Applications nobody went on with"))
)
