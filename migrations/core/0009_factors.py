"""Second steps of signing in: authenticator apps, passkeys, recovery codes; where a person signed in and how."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
WHEN = sa.DateTime(timezone=True)
TEXT = {"server_default": "", "nullable": False}


# An officer's session may not touch these tables; this is the one door, and it opens only to what two officers agreed to.
FORGET = """
create function core.forget_factors(person bigint) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from core.approval where kind = 'core.account.factors' and subject = person::text
                      and state = 'approved' and decided_at > clock_timestamp() - interval '1 day') then
        raise exception 'Two officers have to agree before a second step is removed.' using errcode = '42501';
    end if;
    delete from core.authenticator where account_id = person;
    delete from core.passkey where account_id = person;
    delete from core.recovery_code where account_id = person;
    update core.sign_in set ended_at = clock_timestamp(), ended_because = 'second steps removed'
     where account_id = person and outcome = 'in' and ended_at is null;
end $$
"""


def upgrade() -> None:
    _sign_ins()
    _authenticators()
    _passkeys()
    _recovery_codes()
    _challenges()
    op.execute(FORGET)
    op.execute("revoke all on function core.forget_factors(bigint) from public")
    op.execute(f"grant execute on function core.forget_factors(bigint) to {walls.APP}, {walls.SYSTEM}")
    # The function works with the owner's rights, and under FORCE the owner needs a policy too.
    op.execute("create policy trigger_forgets_factors on core.approval for select to current_user using (true)")


def _sign_ins() -> None:
    for column in (
        sa.Column("browser", sa.String, **TEXT),
        sa.Column("network", sa.String, **TEXT),
        sa.Column("second", sa.String, **TEXT),
        sa.Column("second_due", sa.Date),
        sa.Column("proved_at", WHEN),
    ):
        op.add_column("sign_in", column, schema="core")
    op.create_check_constraint(
        "second", "sign_in", "second in ('', 'app', 'passkey', 'recovery')", schema="core"
    )


def _account() -> sa.Column[int]:
    return sa.Column(
        "account_id", BIG, sa.ForeignKey("core.account.id", ondelete="CASCADE"), nullable=False, index=True
    )


# People's sessions have no right to any of these tables: the system works with them on behalf of their owner. The history
# tells that a step came or went, never what would let somebody in.
def _authenticators() -> None:
    op.create_table(
        "authenticator",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        _account(),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("confirmed_at", WHEN),
        sa.Column("last_counter", BIG),
        sa.Column("last_used_at", WHEN),
        schema="core",
    )
    op.create_index(
        "uq_authenticator_one", "authenticator", ["account_id"], schema="core", unique=True,
        postgresql_where=sa.text("confirmed_at is not null"),
    )  # fmt: skip
    walls.open_table(op, "core.authenticator", app="")
    walls.record_history(
        op, "core.authenticator", column=None, secret=("secret", "last_counter", "last_used_at")
    )


def _passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        _account(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", BIG, nullable=False),
        sa.Column("transports", sa.ARRAY(sa.String), nullable=False, server_default="{}"),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("last_used_at", WHEN),
        schema="core",
    )
    walls.open_table(op, "core.passkey", app="")
    walls.record_history(
        op,
        "core.passkey",
        column=None,
        secret=("credential", "public_key", "sign_count", "transports", "last_used_at"),
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("id", BIG, sa.Identity(), primary_key=True),
        _account(),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("used_at", WHEN),
        schema="core",
    )
    walls.open_table(op, "core.recovery_code", app="")
    walls.record_history(op, "core.recovery_code", column=None, secret=("salt", "code_hash"))


def _challenges() -> None:
    op.create_table(
        "used_challenge",
        sa.Column("challenge", sa.LargeBinary, primary_key=True),
        sa.Column("used_at", WHEN, nullable=False, index=True),
        schema="core",
    )
    walls.open_table(op, "core.used_challenge", app="")
