"""The practice gateway: what it took, and when it is down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "gateway_sandbox_0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "gateway_sandbox"
BIG, TEXT, TIME = sa.BigInteger(), sa.String(), sa.DateTime(timezone=True)


def upgrade() -> None:
    now, empty = sa.text("clock_timestamp()"), sa.text("''")

    def blank(name: str) -> sa.Column[str]:
        return sa.Column(name, TEXT, server_default=empty, nullable=False)

    op.create_table(
        "delivery",
        sa.Column("place_no", BIG, nullable=False),
        sa.Column("id", BIG, sa.Identity(always=False), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        blank("sender"),
        sa.Column("recipient", TEXT, nullable=False),
        blank("subject"),
        sa.Column("text", TEXT, nullable=False),
        blank("refused"), blank("outcome"), blank("reason"),
        sa.Column("at", TIME, server_default=now, nullable=False),
        sa.Column("told_from", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("place_no", "key", name="uq_delivery_place_no_key"),
        schema=SCHEMA,
    )  # fmt: skip
    op.create_index("ix_delivery_place_no", "delivery", ["place_no"], schema=SCHEMA)
    op.create_index("ix_delivery_reference", "delivery", ["reference"], schema=SCHEMA)
    op.create_index("ix_delivery_place", "delivery", ["place_no", "id"], schema=SCHEMA)
    op.create_table(
        "outage",
        sa.Column("place_no", BIG, nullable=False),
        sa.Column("id", BIG, sa.Identity(always=False), nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outage"),
        schema=SCHEMA,
    )
    op.create_index("ix_outage_place_no", "outage", ["place_no"], schema=SCHEMA)
    walls.protect(op, "gateway_sandbox.delivery", column="place_no", history=False)
    walls.protect(op, "gateway_sandbox.outage", column="place_no", history=False)
