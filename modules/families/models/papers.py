"""Papers a family hands in as evidence, each decided once for all lists, and what it asks to have corrected or erased."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import RegionScoped, _, db
from modules.families.models.ways import MINE, OF_SHARED_CHILD

#: Area of the sealed files of families.
AREA = "families"
_FAMILY = "families.family.id"
_CHILD = "families.child.id"


class Document(RegionScoped, db.Model):
    """One paper for one child: handed in as a file, or shown at the counter without leaving a copy (rulebook D21)."""

    __tablename__ = "document"
    __title__ = _("Papers of families")
    __own__ = MINE
    __shared__ = OF_SHARED_CHILD
    __table_args__ = (
        sa.CheckConstraint("form in ('jpeg', 'pdf', 'shown')", name="form"),
        sa.CheckConstraint("(form = 'shown') = (file = '')", name="file"),
        sa.CheckConstraint("status in ('waiting', 'accepted', 'refused')", name="status"),
        sa.CheckConstraint("status <> 'refused' or note <> ''", name="refused"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_FAMILY, ondelete="CASCADE"), index=True
    )
    child_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_CHILD, ondelete="CASCADE"), index=True
    )
    #: What it is, a code of the policy `families.papers.kinds`.
    kind: Mapped[str]
    form: Mapped[str]
    #: Name of the sealed file; nothing for a paper that was only shown.
    file: Mapped[str] = mapped_column(server_default="")
    size: Mapped[int] = mapped_column(server_default="0")
    handed_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    #: `online` by the family, `counter` by a centre's people.
    handed_by: Mapped[str]
    #: Whether it counts: `waiting` until somebody looked.
    status: Mapped[str] = mapped_column(server_default="waiting")
    #: What was seen, or why it was refused, in words for the family.
    note: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Invitation(RegionScoped, db.Model):
    """A link by which a guardian's own account joins the family: only its hash is kept (F-55, S1-127)."""

    __tablename__ = "invitation"
    __title__ = _("Invitations of guardians")
    __own__ = MINE
    #: Tokens are random: that one is taken says nothing.
    __global_unique__ = ("uq_invitation_token_hash",)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_FAMILY, ondelete="CASCADE"), index=True
    )
    guardian_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.guardian.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Request(RegionScoped, db.Model):
    """What a family asks of the authority about its data, answered within the days the law gives (rulebook D24)."""

    __tablename__ = "request"
    __title__ = _("Requests about personal data")
    __own__ = MINE
    __table_args__ = (
        sa.CheckConstraint("kind in ('correction', 'erasure', 'objection')", name="kind"),
        sa.CheckConstraint("state in ('open', 'done', 'refused')", name="state"),
        sa.CheckConstraint("state = 'open' or answer <> ''", name="answer"),
        sa.Index("ix_request_open", "due_on", "id", postgresql_where=sa.text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_FAMILY, ondelete="CASCADE"), index=True
    )
    child_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_CHILD, ondelete="SET NULL"), index=True
    )
    kind: Mapped[str]
    text: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="open")
    answer: Mapped[str] = mapped_column(server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
