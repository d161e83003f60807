"""Accounts at work: sign-ins, single-use links, acts of two officers, sessions that end by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
WHEN = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
#: What an officer's session may read of an account: everything but the two secrets.
READABLE = (
    "id, login, name, email, language, state, suspended_because, failed_logins, locked_until, last_login_at, "
    "active_since, activated_at, created_at, region_no"
)

END_SESSIONS = """
create function core.end_sessions() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update core.account set fs_uniquifier = replace(gen_random_uuid()::text, '-', '')
     where id = coalesce(new.account_id, old.account_id);
    return null;
end $$
"""

GUARD_SECRETS = """
create function core.guard_account() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    if current_user = 'dolbom_app' and new.password is not null
       and (tg_op = 'INSERT' or new.password is distinct from old.password) then
        raise exception 'Only the person chooses the password, by a single-use link.' using errcode = '42501';
    end if;
    if tg_op = 'UPDATE' and new.state <> 'active' and old.state = 'active' then
        new.fs_uniquifier := replace(gen_random_uuid()::text, '-', '');
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    _account()
    _sign_ins()
    _links()
    _approvals()


def _account() -> None:
    # An administrator of the whole installation belongs to no region: 0, as their post does.
    op.drop_constraint("fk_account_region_no", "account", schema="core", type_="foreignkey")
    for column in (
        sa.Column("suspended_because", sa.String, server_default="", nullable=False),
        sa.Column("active_since", WHEN, server_default=NOW, nullable=False),
        sa.Column("activated_at", WHEN),
    ):
        op.add_column("account", column, schema="core")
    op.create_check_constraint("login_lower_case", "account", "login = lower(login)", schema="core")
    op.create_check_constraint(
        "suspended_because", "account", "suspended_because in ('', 'officer', 'disuse')", schema="core"
    )
    op.execute(
        "alter table core.post add constraint ex_post_once_a_day exclude using gist "
        "(account_id with =, role with =, place_no with =, daterange(first_day, last_day, '[]') with &&)"
    )
    # Every sign-in is a line of its own in core.sign_in; the history keeps what people decided.
    hidden = ("password", "fs_uniquifier", "failed_logins", "last_login_at")
    walls.record_history(op, "core.account", column="region_no", secret=hidden)
    op.execute(END_SESSIONS)
    op.execute(GUARD_SECRETS)
    op.execute(
        "create trigger guard before insert or update on core.account "
        "for each row execute function core.guard_account()"
    )
    op.execute(
        "create trigger sessions after insert or update or delete on core.post "
        "for each row execute function core.end_sessions()"
    )
    # The trigger works with the owner's rights, and under FORCE the owner needs a policy too.
    op.execute(
        "create policy trigger_ends_sessions on core.account to current_user using (true) with check (true)"
    )
    op.execute(f"revoke select on core.account from {walls.APP}")
    op.execute(f"grant select ({READABLE}) on core.account to {walls.APP}")


def _sign_ins() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("account_id", BIG, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("cause", sa.String, server_default="", nullable=False),
        sa.Column("key_hash", sa.String, unique=True),
        sa.Column("ended_at", WHEN),
        sa.Column("ended_because", sa.String, server_default="", nullable=False),
        sa.CheckConstraint("outcome in ('in', 'refused')", name="outcome"),
        sa.CheckConstraint("outcome = 'refused' or key_hash is not null", name="in_has_key"),
        schema="core",
    )
    op.create_index("ix_sign_in_at", "sign_in", ["at"], schema="core", postgresql_using="brin")
    walls.open_table(op, "core.sign_in", app="")


def _links() -> None:
    op.create_table(
        "account_link",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column(
            "account_id",
            BIG,
            sa.ForeignKey("core.account.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("region_no", BIG, nullable=False, index=True),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("token_hash", sa.String, nullable=False, unique=True),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN),
        sa.CheckConstraint("purpose in ('activate', 'reset')", name="purpose"),
        schema="core",
    )
    walls.protect(op, "core.account_link", column="region_no", secret=("token_hash",))


def _approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("place_no", BIG, nullable=False, index=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("facts", JSONB, server_default="{}", nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("state", sa.String, server_default="waiting", nullable=False),
        sa.Column("requested_by", BIG, nullable=False, index=True),
        sa.Column("requested_sign_in", BIG),
        sa.Column("requested_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("decided_by", BIG),
        sa.Column("decided_sign_in", BIG),
        sa.Column("decided_at", WHEN),
        sa.Column("decision_reason", sa.String, server_default="", nullable=False),
        sa.CheckConstraint("state in ('waiting', 'approved', 'refused', 'withdrawn')", name="state"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at is null)", name="decided"),
        sa.CheckConstraint(
            "state <> 'approved' or (decided_by is not null and decided_by <> requested_by)", name="four_eyes"
        ),
        sa.CheckConstraint(
            "state <> 'approved' or decided_sign_in <> requested_sign_in", name="two_sessions"
        ),
        schema="core",
    )
    op.create_index(
        "ix_approval_waiting",
        "approval",
        ["place_no", "id"],
        schema="core",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_approval_one_waiting", "approval", ["kind", "place_no", "subject"], schema="core", unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )  # fmt: skip
    walls.protect(op, "core.approval", column="place_no", own="requested_by")
