"""What a family asks for and what it claims: seen by the family, the centre it applied to and its officers."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityScoped, RegionScoped, RetentionRule, _, db, declare_retention
from modules.families.api import OF_FAMILY, OF_SHARED_CHILD

#: Before admission: waiting, offered a place, and accepted by the family.
OPEN = ("waiting", "offered", "accepted")


class Application(FacilityScoped, db.Model):
    """A family's request for a place at a centre from a day on; its place in the list is its `Entry`."""

    __tablename__ = "application"
    __title__ = _("Applications")
    __own__ = OF_FAMILY
    __table_args__ = (
        sa.CheckConstraint(
            "state in ('waiting', 'offered', 'accepted', 'admitted', 'withdrawn', 'declined', 'elsewhere', 'expired', 'refused', "
            "'left')", name="state"
        ),
        sa.CheckConstraint("channel in ('online', 'counter', 'paper')", name="channel"),
        sa.CheckConstraint("(state in ('waiting', 'offered', 'accepted', 'admitted')) = (closed_at is null)", name="closed"),
        sa.CheckConstraint("(state in ('offered', 'accepted')) = (answer_by is not null)", name="answer"),
        # Written with `or`, because PostgreSQL writes `in (…)` of an index otherwise once it was restored.
        sa.Index(
            "uq_application_open", "child_id", "facility_id", unique=True,
            postgresql_where=sa.text("state = 'waiting' or state = 'offered' or state = 'accepted'"),
        ),
        sa.Index(
            "uq_application_vacancy", "vacancy_id", "facility_id", unique=True,
            postgresql_where=sa.text("state = 'offered' or state = 'accepted' or state = 'admitted'"),
        ),
        sa.Index("ix_application_answer", "answer_by", postgresql_where=sa.text("answer_by is not null")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    child_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("families.child.id"), index=True)
    family_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("families.family.id"), index=True)
    wanted_from: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="waiting")
    channel: Mapped[str]
    applied_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    closed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    #: The place it was offered or has, the last day to accept or to bring what is missing, and how often it was declined.
    vacancy_id: Mapped[int | None] = mapped_column(sa.BigInteger, sa.ForeignKey("enrollment.vacancy.id"), index=True)
    answer_by: Mapped[date | None]
    declines: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    #: Kinds of papers the centre saw on paper when it admitted the child.
    papers_seen: Mapped[list[str]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    #: The code of why it ended.
    note: Mapped[str] = mapped_column(server_default="")


class Claim(RegionScoped, db.Model):
    """A circumstance a family claims for a child; it counts once somebody verified the evidence (rulebook 1b.10)."""

    __tablename__ = "claim"
    __title__ = _("Circumstances families claim")
    __own__ = OF_FAMILY
    __shared__ = OF_SHARED_CHILD
    __table_args__ = (
        sa.CheckConstraint("status in ('claimed', 'verified', 'rejected', 'withdrawn')", name="status"),
        # PostgreSQL writes `in (…)` of an index otherwise once it was restored: a drill would call that a difference.
        sa.Index(
            "uq_claim_standing", "child_id", "code", "region_no", unique=True,
            postgresql_where=sa.text("status <> 'rejected' and status <> 'withdrawn'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    child_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("families.child.id", ondelete="CASCADE"), index=True)
    family_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("families.family.id", ondelete="CASCADE"), index=True)
    code: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="claimed")
    claimed_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    #: What evidence was seen, or why it does not prove the claim.
    note: Mapped[str] = mapped_column(server_default="")


APPLICATIONS = declare_retention(
    RetentionRule(
        "enrollment.application", Application, Application.closed_at, keep="3y", policy="enrollment.retention.waitlist",
        unless=Application.state.in_((*OPEN, "admitted")), title=_("Applications that ended"),
    )
)  # fmt: skip
CLAIMS = declare_retention(
    RetentionRule(
        "enrollment.claim", Claim, Claim.decided_at, keep="3y", unless=Claim.status.in_(("claimed", "verified")),
        title=_("Circumstances no longer claimed"),
    )
)  # fmt: skip
