"""Contacts people confirmed themselves, codes and links sent to them, registrations, requests to reset or unlock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
WHEN = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
#: What people's sessions may read of a contact: that it is there, never where it leads.
READABLE = "id, account_id, region_no, channel, masked, signs_in, verified_at, created_at"

#: Whoever has left is not written to any more, and their address is free for a new account.
FORGET = """
create function core.forget_contacts() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    delete from core.contact where account_id = new.id;
    return null;
end $$
"""


def upgrade() -> None:
    _contacts()
    _registrations()
    _codes()
    _links()
    _requests()


def _account(**more: object) -> sa.Column[int]:
    return sa.Column("account_id", BIG, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True, **more)  # type: ignore[arg-type]


def _contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        _account(nullable=False),
        sa.Column("region_no", BIG, nullable=False, index=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("masked", sa.String, nullable=False),
        sa.Column("signs_in", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("verified_at", WHEN),
        sa.Column("created_at", WHEN, server_default=NOW, nullable=False),
        sa.CheckConstraint("channel in ('email', 'phone')", name="channel"),
        sa.CheckConstraint("not signs_in or verified_at is not null", name="confirmed_signs_in"),
        sa.UniqueConstraint("account_id", "value", name="uq_contact_account_id_value"),
        schema="core",
    )
    op.create_index(
        "uq_contact_signs_in", "contact", ["value"], schema="core", unique=True, postgresql_where=sa.text("signs_in")
    )
    walls.protect(op, "core.contact", column="region_no", own="account_id", secret=("value",))
    op.execute(f"revoke all on core.contact from {walls.APP}")
    op.execute(f"grant select ({READABLE}) on core.contact to {walls.APP}")
    op.execute(FORGET)
    # The trigger works with the owner's rights, and under FORCE the owner needs a policy too.
    op.execute("create policy trigger_forgets_contacts on core.contact to current_user using (true) with check (true)")
    op.execute(
        "create trigger contacts after update of state on core.account for each row "
        "when (new.state = 'left' and old.state <> 'left') execute function core.forget_contacts()"
    )


def _registrations() -> None:
    op.create_table(
        "registration",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("at", WHEN, nullable=False, index=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("region_no", BIG, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("known_account", BIG, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True),
        sa.Column("done_at", WHEN),
        schema="core",
    )
    walls.open_table(op, "core.registration", app="")


def _codes() -> None:
    op.create_table(
        "account_code",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        _account(),
        sa.Column("contact_id", BIG, sa.ForeignKey("core.contact.id", ondelete="SET NULL"), index=True),
        sa.Column("registration_id", BIG, sa.ForeignKey("core.registration.id", ondelete="CASCADE"), index=True),
        sa.Column("salt", sa.String, nullable=False),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("made_at", WHEN, nullable=False, index=True),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN),
        sa.CheckConstraint("num_nonnulls(account_id, registration_id) = 1", name="of_one"),
        sa.CheckConstraint("expires_at <= made_at + interval '10 minutes'", name="short"),
        sa.CheckConstraint("tries between 0 and 5", name="tries"),
        schema="core",
    )
    walls.open_table(op, "core.account_code", app="")


def _links() -> None:
    op.add_column("account_link", sa.Column("salt", sa.String), schema="core")
    op.drop_constraint("purpose", "account_link", schema="core", type_="check")
    op.create_check_constraint(
        "purpose", "account_link", "purpose in ('activate', 'reset', 'recover', 'unlock')", schema="core"
    )
    walls.record_history(op, "core.account_link", column="region_no", secret=("token_hash", "salt"))
    # An officer's session makes links for others and never learns what a link was made from.
    op.execute(f"revoke select on core.account_link from {walls.APP}")
    op.execute(
        "grant select (id, account_id, region_no, purpose, token_hash, made_at, expires_at, used_at) "
        f"on core.account_link to {walls.APP}"
    )


def _requests() -> None:
    op.create_table(
        "reset_request",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        sa.Column("at", WHEN, nullable=False, index=True),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("login", sa.String, nullable=False),
        sa.Column("proof", sa.String, nullable=False),
        _account(),
        sa.Column("outcome", sa.String, server_default="waiting", nullable=False),
        sa.CheckConstraint("purpose in ('reset', 'unlock')", name="purpose"),
        schema="core",
    )
    walls.open_table(op, "core.reset_request", app="")
