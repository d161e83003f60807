"""The log: its signed heads, what witnesses said to them, the hashes proofs are made of, witnesses, and alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "transparency_0003"
down_revision = "transparency_0002"
branch_labels = None
depends_on = None


def _at(name: str = "at") -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        _at(),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
        schema="transparency",
    )
    op.create_table(
        "witness",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("vkey", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _at("since"),
        sa.PrimaryKeyConstraint("id", name="pk_witness"),
        schema="transparency",
    )
    op.create_index(
        "uq_witness_vkey", "witness", ["vkey"], unique=True, schema="transparency", postgresql_where=sa.text("ended_at is null")
    )
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("witness_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        _at(),
        sa.ForeignKeyConstraint(["size"], ["transparency.checkpoint.size"], name="fk_cosignature_size"),
        sa.ForeignKeyConstraint(["witness_id"], ["transparency.witness.id"], name="fk_cosignature_witness_id"),
        sa.PrimaryKeyConstraint("size", "witness_id", name="pk_cosignature"),
        schema="transparency",
    )
    op.create_index("ix_cosignature_witness_id", "cosignature", ["witness_id"], schema="transparency")
    op.create_table(
        "node",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_node"),
        schema="transparency",
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
        sa.UniqueConstraint("what", "said", name="uq_alarm_what_said"),
        schema="transparency",
    )
    for table in ("checkpoint", "witness", "cosignature", "node", "alarm"):
        walls.open_table(op, f"transparency.{table}", public=True)
    # A head, a cosignature and an alarm stand as the leaves do.
    for table in ("checkpoint", "cosignature", "node", "alarm"):
        op.execute(f"revoke update, delete, truncate on transparency.{table} from {walls.SYSTEM}")
