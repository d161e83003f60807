"""Places, activation, policies, history, accounts: the ground everything stands on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import history_triggers, walls

revision = "core_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
NOW = sa.text("clock_timestamp()")

BUMP = """
create function core.bump_version() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update core.activation_version set v = v + 1;
    return null;
end $$
"""


def upgrade() -> None:
    _history()
    _places()
    _accounts()
    _modules()


def _history() -> None:
    op.create_table(
        "change",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account_id", BIG),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("table_name", sa.String, nullable=False),
        sa.Column("op", sa.String, nullable=False),
        sa.Column("pk", sa.String, nullable=False),
        sa.Column("place_no", BIG),
        sa.Column("diff", JSONB, nullable=False),
        schema="core",
    )
    op.create_index("ix_change_record", "change", ["table_name", "pk", "id"], schema="core")
    op.create_index("ix_change_at", "change", ["at"], schema="core", postgresql_using="brin")
    op.create_index("ix_change_place_no", "change", ["place_no", "id"], schema="core")
    op.create_table(
        "reading",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account_id", BIG),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("table_name", sa.String, nullable=False),
        sa.Column("pk", sa.String, nullable=False),
        sa.Column("fields", JSONB, nullable=False),
        sa.Column("place_no", BIG, nullable=False, index=True),
        schema="core",
    )
    op.execute(history_triggers.FUNCTION)
    walls.protect(op, "core.change", column="place_no", history=False)
    walls.protect(op, "core.reading", column="place_no", history=False)
    # Only the trigger writes the history, with the owner's rights; nobody rewrites it.
    op.execute("create policy trigger_writes on core.change for insert to current_user with check (true)")
    op.execute("revoke insert, update, delete, truncate on core.change from dolbom_app, dolbom_system")
    op.execute("revoke update, delete, truncate on core.reading from dolbom_app, dolbom_system")


def _places() -> None:
    op.create_table(
        "region",
        sa.Column("no", BIG, primary_key=True, autoincrement=False),
        sa.Column("hi", BIG, nullable=False),
        sa.Column("code", sa.String, nullable=False, unique=True),
        sa.Column("parent_no", BIG, sa.ForeignKey("core.region.no"), index=True),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("names", JSONB, nullable=False),
        sa.Column("pack", sa.String),
        sa.Column("timezone", sa.String, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("languages", JSONB, nullable=False),
        sa.Column("facts", JSONB, server_default="{}", nullable=False),
        sa.Column("first_day", sa.Date),
        sa.Column("last_day", sa.Date),
        sa.Column("given", BIG, server_default="0", nullable=False),
        sa.CheckConstraint("no <= hi", name="block"),
        schema="core",
    )
    op.create_table(
        "place",
        sa.Column("no", BIG, primary_key=True, autoincrement=False),
        sa.Column("region_no", BIG, sa.ForeignKey("core.region.no"), nullable=False, index=True),
        schema="core",
    )
    op.create_table(
        "activation",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("module", sa.String, nullable=False),
        sa.Column("place_no", BIG, nullable=False, index=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date),
        sa.Column("settings", JSONB, server_default="{}", nullable=False),
        sa.Column("reason", sa.String, server_default="", nullable=False),
        sa.CheckConstraint("state in ('on', 'off')", name="state"),
        sa.CheckConstraint("last_day is null or last_day >= first_day", name="period"),
        schema="core",
    )
    op.execute(
        "alter table core.activation add constraint ex_activation_one_line_a_day exclude using gist "
        "(module with =, place_no with =, daterange(first_day, last_day, '[]') with &&)"
    )
    op.create_table(
        "policy_override",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("key", sa.String, nullable=False, index=True),
        sa.Column("place_no", BIG, nullable=False, index=True),
        sa.Column("kinds", JSONB, server_default="[]", nullable=False),
        sa.Column("value", JSONB, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("legal_basis", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("note", sa.String, server_default="", nullable=False),
        sa.CheckConstraint("status in ('confirmed', 'unverified', 'seed')", name="status"),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name="period"),
        schema="core",
    )
    op.create_table(
        "activation_version",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("v", BIG, nullable=False),
        sa.CheckConstraint("one = 1", name="one_row"),
        schema="core",
    )
    op.execute("insert into core.activation_version (one, v) values (1, 1)")
    op.execute(BUMP)
    walls.protect(op, "core.region", column="no", read="all", key="no", secret=("given",))
    walls.protect(op, "core.place", column="no", read="all", key="no", history=False)
    walls.protect(op, "core.activation", column="place_no", read="all")
    walls.protect(op, "core.policy_override", column="place_no", read="all")
    walls.open_table(op, "core.activation_version", app="select", public=True)
    op.execute(
        "create trigger version after insert or delete or truncate on core.region "
        "for each statement execute function core.bump_version()"
    )
    op.execute(  # not for `given`, which changes with every new facility
        "create trigger version_update after update of no, hi, code, parent_no, names, pack, timezone, currency, "
        "languages, facts on core.region for each statement execute function core.bump_version()"
    )
    for table in ("activation", "policy_override"):
        op.execute(
            f"create trigger version after insert or update or delete or truncate on core.{table} "
            "for each statement execute function core.bump_version()"
        )


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("login", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("email", sa.String),
        sa.Column("language", sa.String, server_default="en", nullable=False),
        sa.Column("password", sa.String),
        sa.Column("fs_uniquifier", sa.String, nullable=False, unique=True),
        sa.Column("state", sa.String, server_default="active", nullable=False),
        sa.Column("failed_logins", sa.Integer, server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("last_login_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("region_no", BIG, sa.ForeignKey("core.region.no"), nullable=False, index=True),
        sa.CheckConstraint("state in ('active', 'suspended', 'left')", name="state"),
        schema="core",
    )
    op.create_table(
        "post",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column(
            "account_id",
            BIG,
            sa.ForeignKey("core.account.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("place_no", BIG, nullable=False, index=True),
        sa.Column("extra", sa.ARRAY(BIG), server_default="{}", nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date),
        sa.Column("reason", sa.String, server_default="", nullable=False),
        sa.CheckConstraint("last_day is null or last_day >= first_day", name="period"),
        sa.CheckConstraint("cardinality(extra) <= 63", name="at_most_64_facilities"),
        schema="core",
    )
    walls.protect(
        op,
        "core.account",
        column="region_no",
        own="id",
        secret=("password", "fs_uniquifier", "failed_logins"),
    )
    walls.protect(op, "core.post", column="place_no", own="account_id")
    # One's own row may be read, not rewritten: only officers of the region change accounts and posts.
    for table, column in (("account", "region_no"), ("post", "place_no")):
        op.execute(
            f"create policy officers_write_{table} on core.{table} as restrictive for update to dolbom_app "
            f"using ({walls.in_scope(column)}) with check ({walls.in_scope(column)})"
        )
        op.execute(
            f"create policy officers_add_{table} on core.{table} as restrictive for insert to dolbom_app "
            f"with check ({walls.in_scope(column)})"
        )
        op.execute(
            f"create policy officers_remove_{table} on core.{table} as restrictive for delete to dolbom_app "
            f"using ({walls.in_scope(column)})"
        )


def _modules() -> None:
    op.create_table(
        "module",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("manifest", JSONB, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("state in ('installed', 'archived')", name="state"),
        schema="core",
    )
    walls.open_table(op, "core.module", app="select", public=True, key="name", history=True)
