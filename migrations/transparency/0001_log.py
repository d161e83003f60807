"""The log: leaves without gaps that nobody changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "transparency_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leaf",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place_no", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint('length(entry) <= 2048 and "index" >= 0', name="ck_leaf_entry"),
        sa.CheckConstraint("hash = sha256('\\x00'::bytea || entry)", name="ck_leaf_hash"),
        sa.PrimaryKeyConstraint("index", name="pk_leaf"),
        schema="transparency",
    )
    op.create_index("ix_leaf_place", "leaf", ["place_no", "index"], schema="transparency")
    walls.open_table(op, "transparency.leaf", public=True)
    # Rights stop the system's role; the triggers stop whoever has more than that, until somebody drops them by hand.
    op.execute(f"revoke update, delete, truncate on transparency.leaf from {walls.SYSTEM}")
    op.execute(
        "create function transparency.stands() returns trigger language plpgsql as $$ begin "
        "raise exception 'transparency: a leaf is never changed' using errcode = 'check_violation'; end $$"
    )
    op.execute(
        "create function transparency.follows() returns trigger language plpgsql as $$ begin "
        'if new."index" <> (select coalesce(max("index") + 1, 0) from transparency.leaf) then '
        "raise exception 'transparency: a leaf follows the last one' using errcode = 'check_violation'; end if; "
        "return new; end $$"
    )
    # One way in, for services and for triggers of other modules' tables that fire at the commit (constraint triggers).
    op.execute(
        "create function transparency.append(place bigint, what text, said bytea) returns bigint language plpgsql as $$ "
        "declare at bigint; begin "
        "perform pg_advisory_xact_lock(hashtextextended('transparency.log', 0)); "
        'select coalesce(max("index") + 1, 0) into at from transparency.leaf; '
        'insert into transparency.leaf ("index", place_no, kind, entry, hash) '
        "values (at, place, what, said, sha256('\\x00'::bytea || said)); "
        "return at; end $$"
    )
    op.execute(
        "create trigger stands before update or delete or truncate on transparency.leaf "
        "for each statement execute function transparency.stands()"
    )
    op.execute("create trigger follows before insert on transparency.leaf for each row execute function transparency.follows()")
