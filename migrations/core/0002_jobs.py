"""The outbox, the log of its attempts and what a running job says about itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from core.security import walls

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
OPEN = sa.text("done_at is null and dead_at is null and skipped_at is null")

RING = """
create function core.ring_bell() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('dolbom_outbox', '');
    return null;
end $$
"""


def upgrade() -> None:
    _outbox()
    _attempts()
    _runs()


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("module", sa.String, nullable=False),
        sa.Column("handler", sa.String, nullable=False),
        sa.Column("queue", sa.String, nullable=False),
        sa.Column("retries", sa.Integer, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("place_no", BIG, nullable=False, server_default="0"),
        sa.Column("account_id", BIG),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False, server_default=""),
        sa.Column("language", sa.String, nullable=False, server_default="en"),
        sa.Column("key", sa.String),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("available_at", TIME, nullable=False, server_default=NOW),
        sa.Column("offered_at", TIME),
        sa.Column("lease_until", TIME),
        sa.Column("token", UUID(as_uuid=True)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("done_at", TIME),
        sa.Column("dead_at", TIME),
        sa.Column("skipped_at", TIME),
        sa.Column("error", sa.String),
        sa.Column("last_error_at", TIME),
        sa.CheckConstraint("kind in ('event', 'job')", name="kind"),
        sa.CheckConstraint("num_nonnulls(done_at, dead_at, skipped_at) <= 1", name="one_end"),
        sa.CheckConstraint("(lease_until is null) = (token is null)", name="lease_has_token"),
        schema="core",
    )
    # Rows are written once and touched two or three times: keep room beside them, and clean up early.
    op.execute("alter table core.outbox set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)")
    op.create_index("ix_outbox_open", "outbox", ["queue", "offered_at", "available_at"], schema="core",
                    postgresql_where=OPEN)  # fmt: skip
    op.create_index("ix_outbox_lease_until", "outbox", ["lease_until"], schema="core",
                    postgresql_where=sa.text("lease_until is not null"))  # fmt: skip
    op.create_index("ix_outbox_done_at", "outbox", ["done_at"], schema="core",
                    postgresql_where=sa.text("done_at is not null"))  # fmt: skip
    op.create_index("ix_outbox_stopped", "outbox", ["id"], schema="core",
                    postgresql_where=sa.text("dead_at is not null or skipped_at is not null"))  # fmt: skip
    op.create_index("ix_outbox_place_no", "outbox", ["place_no", "id"], schema="core")
    op.create_index("ix_outbox_account_id", "outbox", ["account_id", "id"], schema="core",
                    postgresql_where=sa.text("account_id is not null"))  # fmt: skip
    op.create_index("uq_outbox_key", "outbox", ["place_no", "name", "key"], schema="core", unique=True,
                    postgresql_where=sa.text("key is not null"))  # fmt: skip
    op.execute(RING)
    op.execute(
        "create trigger bell after insert on core.outbox for each statement execute function core.ring_bell()"
    )
    # People publish about their own places (or as themselves, place 0) and read those rows; only the system
    # moves them.
    walls.protect(op, "core.outbox", column="place_no", own="account_id", history=False)
    op.execute("revoke update, delete, truncate on core.outbox from dolbom_app")


def _attempts() -> None:
    op.create_table(
        "job_attempt",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column(
            "outbox_id", BIG, sa.ForeignKey("core.outbox.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("worker", sa.String, nullable=False),
        sa.Column("token", UUID(as_uuid=True)),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("outcome", sa.String),
        sa.Column("error", sa.String),
        sa.Column("place_no", BIG, nullable=False, server_default="0"),
        sa.CheckConstraint("outcome in ('done', 'failed', 'died', 'skipped')", name="outcome"),
        sa.CheckConstraint("(ended_at is null) = (outcome is null)", name="ended"),
        schema="core",
    )
    op.create_index("ix_job_attempt_place_no", "job_attempt", ["place_no", "id"], schema="core")
    walls.protect(op, "core.job_attempt", column="place_no", history=False)
    op.execute("revoke insert, update, delete, truncate on core.job_attempt from dolbom_app")


def _runs() -> None:
    op.create_table(
        "job_run",
        sa.Column("outbox_id", BIG, sa.ForeignKey("core.outbox.id", ondelete="CASCADE"), primary_key=True,
                  autoincrement=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("done", BIG, nullable=False, server_default="0"),
        sa.Column("total", BIG),
        sa.Column("state", sa.String, nullable=False, server_default="waiting"),
        sa.Column("message", sa.String, nullable=False, server_default=""),
        sa.Column("result", JSONB),
        sa.Column("cursor", JSONB),
        sa.Column("place_no", BIG, nullable=False, server_default="0"),
        sa.Column("account_id", BIG),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed', 'skipped')", name="state"),
        schema="core",
    )  # fmt: skip
    op.create_index("ix_job_run_place_no", "job_run", ["place_no", "outbox_id"], schema="core")
    op.create_index("ix_job_run_account_id", "job_run", ["account_id", "outbox_id"], schema="core",
                    postgresql_where=sa.text("account_id is not null"))  # fmt: skip
    walls.protect(op, "core.job_run", column="place_no", own="account_id", history=False)
    op.execute("revoke update, delete, truncate on core.job_run from dolbom_app")
