"""Work that stopped may be given up by a person, and what people decided about such work is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "core_0005"
down_revision = "core_0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("given_up_at", TIME), schema="core")
    op.create_check_constraint(
        "given_up_stopped", "outbox", "given_up_at is null or dead_at is not null or skipped_at is not null",
        schema="core",
    )  # fmt: skip
    op.create_index("ix_outbox_given_up_at", "outbox", ["given_up_at"], schema="core",
                    postgresql_where=sa.text("given_up_at is not null"))  # fmt: skip
    op.create_table(
        "job_decision",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        # No foreign key: the decision outlives the row it is about.
        sa.Column("outbox_id", BIG, nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False, server_default=""),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account_id", BIG),
        sa.Column("place_no", BIG, nullable=False, server_default="0"),
        sa.Column("at", TIME, nullable=False, server_default=NOW),
        sa.CheckConstraint("act in ('retry', 'give_up')", name="act"),
        sa.CheckConstraint("act <> 'give_up' or reason <> ''", name="reason"),
        schema="core",
    )
    op.create_index("ix_job_decision_place_no", "job_decision", ["place_no", "id"], schema="core")
    walls.protect(op, "core.job_decision", column="place_no", history=False)
    op.execute(f"revoke insert, update, delete, truncate on core.job_decision from {walls.APP}")
    op.execute(f"revoke update, delete, truncate on core.job_decision from {walls.SYSTEM}")
