"""Families: records of two families that may be one child."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "families_0004"
down_revision = "families_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_child_born_on", "child", ["born_on", "region_no"], unique=False, schema="families")
    op.create_table(
        "likeness",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("strength", sa.SmallInteger(), nullable=False),
        sa.Column(
            "found_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_likeness_order")),
        sa.CheckConstraint("state in ('open', 'two')", name=op.f("ck_likeness_state")),
        sa.CheckConstraint("state = 'open' or reason <> ''", name=op.f("ck_likeness_reason")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["families.child.id"], name=op.f("fk_likeness_first_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["families.child.id"], name=op.f("fk_likeness_second_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_likeness_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness")),
        sa.UniqueConstraint(
            "first_id", "second_id", "region_no", name=op.f("uq_likeness_first_id_second_id_region_no")
        ),
        schema="families",
    )
    op.create_index(op.f("ix_likeness_first_id"), "likeness", ["first_id"], unique=False, schema="families")
    op.create_index(op.f("ix_likeness_second_id"), "likeness", ["second_id"], unique=False, schema="families")
    op.create_index(op.f("ix_likeness_region_no"), "likeness", ["region_no"], unique=False, schema="families")
    op.create_index(
        "ix_likeness_open",
        "likeness",
        [sa.text("strength desc"), "id"],
        unique=False,
        schema="families",
        postgresql_where=sa.text("state = 'open'"),
    )
    walls.protect(op, "families.likeness", column="region_no")
