"""What a family consented to, each by itself and revocable, and which centres may see which child."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityScoped, RegionScoped, _, db
from modules.families.models.ways import MINE, OF_SHARED_CHILD


class Consent(RegionScoped, db.Model):
    """One consent of one guardian for one child: given on a day, perhaps withdrawn on another (S1-123, S1-124)."""

    __tablename__ = "consent"
    __title__ = _("Consents")
    __own__ = MINE
    __shared__ = OF_SHARED_CHILD
    __table_args__ = (
        sa.CheckConstraint("channel in ('online', 'paper')", name="channel"),
        sa.CheckConstraint("withdrawn_at is null or withdrawn_at >= given_at", name="withdrawn"),
        sa.Index(
            "uq_consent_in_force", "child_id", "purpose", "region_no", unique=True,
            postgresql_where=sa.text("withdrawn_at is null"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.family.id", ondelete="CASCADE"), index=True
    )
    child_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.child.id", ondelete="CASCADE"), index=True
    )
    guardian_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.guardian.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str]
    #: The policy with the words that were consented to.
    policy_id: Mapped[str]
    channel: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    withdrawn_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Sharing(FacilityScoped, db.Model):
    """A centre whose people may see a child and its guardians, because the family applied there, for as long as that lasts."""

    __tablename__ = "sharing"
    __title__ = _("Centres that may see a child")
    __own__ = MINE
    __table_args__ = (
        sa.Index(
            "uq_sharing_in_force", "child_id", "facility_id", "purpose", unique=True,
            postgresql_where=sa.text("ends_on is null"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.family.id", ondelete="CASCADE"), index=True
    )
    child_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.child.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str]
    since: Mapped[date]
    ends_on: Mapped[date | None]
