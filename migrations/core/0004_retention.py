"""Legal holds, and certificates of what was purged: nobody deletes either, the history forgets what was purged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
WHEN = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")

# The history keeps each row's values as they were, also those of a purged one: without this a purge would only move
# personal data into another table. It blanks what this very act deleted (same actor and reason, after `since`), with
# every earlier change of those rows, and leaves who did it, when and why.
FORGET_HISTORY = """
create function core.forget_history(certificate bigint, since bigint) returns bigint language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
    done bigint;
begin
    with gone as (
        select distinct table_name, pk from core.change
         where id > since and op = 'D' and reason = current_setting('dolbom.reason', true)
           and actor = current_setting('dolbom.actor', true)
    )
    update core.change c set diff = jsonb_build_object('purged', certificate)
      from gone where c.table_name = gone.table_name and c.pk = gone.pk;
    get diagnostics done = row_count;
    return done;
end $$
"""


def upgrade() -> None:
    _holds()
    _certificates()
    # Only inside the function: the owner is no person's role and has no session in the product.
    op.execute("create policy purge_reads on core.change for select to current_user using (true)")
    op.execute(
        "create policy purge_forgets on core.change for update to current_user using (true) with check (true)"
    )
    op.execute(FORGET_HISTORY)
    op.execute("revoke all on function core.forget_history(bigint, bigint) from public")
    op.execute("grant execute on function core.forget_history(bigint, bigint) to dolbom_system")


def _holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("module", sa.String, nullable=False),
        sa.Column("place_no", BIG, index=True),  # null: everywhere
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("account_id", BIG, sa.ForeignKey("core.account.id"), index=True),
        sa.Column("placed_at", WHEN, server_default=NOW, nullable=False),
        sa.Column("lifted_at", WHEN),
        sa.Column("lifted_by", BIG, sa.ForeignKey("core.account.id"), index=True),
        sa.Column("lifted_because", sa.String, server_default="", nullable=False),
        sa.CheckConstraint("reason <> ''", name="reason"),
        schema="core",
    )
    walls.protect(op, "core.legal_hold", column="place_no")
    op.execute("revoke insert, update, delete on core.legal_hold from dolbom_app")
    op.execute("revoke delete on core.legal_hold from dolbom_system")


def _certificates() -> None:
    op.create_table(
        "purge_certificate",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("table_name", sa.String, nullable=False),
        sa.Column("place_no", BIG, nullable=False, index=True),  # 0: everywhere
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("periods", JSONB, nullable=False),
        sa.Column("state", sa.String, server_default="running", nullable=False),
        sa.Column("rows", BIG, server_default="0", nullable=False),
        sa.Column("forgotten", BIG, server_default="0", nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account_id", BIG, sa.ForeignKey("core.account.id"), index=True),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("started_at", WHEN, server_default=NOW, nullable=False),
        sa.Column("finished_at", WHEN),
        sa.CheckConstraint("state in ('running', 'done')", name="state"),
        sa.CheckConstraint("(state = 'done') = (finished_at is not null)", name="finished"),
        schema="core",
    )
    # One purge of a rule at a place at a time: the second one goes on with the first one's certificate.
    op.create_index(
        "uq_purge_certificate_running", "purge_certificate", ["rule", "place_no"], unique=True, schema="core",
        postgresql_where=sa.text("state = 'running'"),
    )  # fmt: skip
    walls.protect(op, "core.purge_certificate", column="place_no")
    op.execute("revoke insert, update, delete on core.purge_certificate from dolbom_app")
    op.execute("revoke delete on core.purge_certificate from dolbom_system")
