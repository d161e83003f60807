"""Enrollment: paper lists that are being copied, and applications that came from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls

revision = "enrollment_0004"
down_revision = "enrollment_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_entry",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("claims", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_paper_entry_facility_id")),
        sa.ForeignKeyConstraint(["child_id"], ["families.child.id"], name=op.f("fk_paper_entry_child_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_entry")),
        sa.UniqueConstraint("facility_id", "child_id", name=op.f("uq_paper_entry_facility_id_child_id")),
        schema="enrollment",
    )
    for column in ("facility_id", "child_id"):
        op.create_index(op.f(f"ix_paper_entry_{column}"), "paper_entry", [column], schema="enrollment")
    walls.protect(op, "enrollment.paper_entry")
    op.drop_constraint(op.f("ck_application_channel"), "application", schema="enrollment")
    op.create_check_constraint(
        op.f("ck_application_channel"), "application", "channel in ('online', 'counter', 'paper')", schema="enrollment"
    )
