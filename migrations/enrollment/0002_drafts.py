"""Enrollment: applications being filled in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls

revision = "enrollment_0002"
down_revision = "enrollment_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table()
    walls.protect(op, "enrollment.draft", column="region_no", own="account_id", history=False)


def _table() -> None:
    op.create_table(
        "draft",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=True),
        sa.Column("wanted_from", sa.Date(), nullable=True),
        sa.Column("claims", JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("step", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "saved_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["core.account.id"], name=op.f("fk_draft_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["families.child.id"], name=op.f("fk_draft_child_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["core.place.no"], name=op.f("fk_draft_facility_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_draft_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint(
            "account_id", "facility_id", "region_no", name=op.f("uq_draft_account_id_facility_id_region_no")
        ),
        schema="enrollment",
    )
    op.create_index(op.f("ix_draft_account_id"), "draft", ["account_id"], unique=False, schema="enrollment")
    op.create_index(op.f("ix_draft_child_id"), "draft", ["child_id"], unique=False, schema="enrollment")
    op.create_index(op.f("ix_draft_facility_id"), "draft", ["facility_id"], unique=False, schema="enrollment")
    op.create_index(op.f("ix_draft_region_no"), "draft", ["region_no"], unique=False, schema="enrollment")
