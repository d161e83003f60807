"""The log: steps wait until the commit for their leaf, so that its one lock is always the last one taken; what commitments hide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls

revision = "transparency_0002"
down_revision = "transparency_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Read from the entry itself, so that what is looked up by is what is signed.
    # `convert_from` counts as stable because a database may have another encoding; ours is UTF-8.
    op.execute(
        "create function transparency.said(entry bytea, what text) returns text language plpgsql immutable strict as $$ begin "
        "return convert_from(entry, 'UTF8')::jsonb ->> what; exception when others then "
        "raise exception 'transparency: an entry is JSON' using errcode = 'check_violation'; end $$"
    )
    for name, key in (("subject", "entry"), ("list", "list")):
        op.execute(
            f"alter table transparency.leaf add column {name} text "
            f"generated always as (transparency.said(entry, '{key}')) stored"
        )
    op.create_index("ix_leaf_subject", "leaf", ["subject", "index"], schema="transparency")
    op.create_index("ix_leaf_list", "leaf", ["list", "index"], schema="transparency")
    op.create_index("ix_leaf_hash", "leaf", ["hash"], schema="transparency")
    op.create_table(
        "staged",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place_no", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staged"),
        schema="transparency",
    )
    walls.open_table(op, "transparency.staged")
    op.execute(
        "create function transparency.take() returns trigger language plpgsql as $$ begin "
        "perform transparency.append(new.place_no, new.kind, new.entry); "
        "delete from transparency.staged where id = new.id; return null; end $$"
    )
    op.execute(
        "create constraint trigger becomes_leaf after insert on transparency.staged "
        "deferrable initially deferred for each row execute function transparency.take()"
    )
    op.create_table(
        "opening",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("commit", sa.LargeBinary(), nullable=False),
        sa.Column("place_no", sa.BigInteger(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("subject", "commit", name="pk_opening"),
        sa.ForeignKeyConstraint(["place_no"], ["core.place.no"], name="fk_opening_place_no"),
        schema="transparency",
    )
    op.create_index("ix_opening_place_no", "opening", ["place_no"], schema="transparency")
    # Nobody's session reads it but the system's, for whoever a service has asked about.
    walls.open_table(op, "transparency.opening", app="")
