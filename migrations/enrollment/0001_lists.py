"""Enrollment: applications, what families claim, the public lists and their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls
from core.security.walls import Via

revision = "enrollment_0001"
down_revision = None
branch_labels = None
depends_on = None

_MINE = "select m.family_id from families.membership m where m.account_id = {me} and m.ends_on is null"
_SEEN = "select s.child_id from families.sharing s where s.ends_on is null"


def upgrade() -> None:
    _tables()
    _walls()
    _fixed()


def _walls() -> None:
    mine = Via("family_id", _MINE)
    walls.protect(op, "enrollment.application", own=mine)
    walls.protect(op, "enrollment.claim", column="region_no", own=mine, shared=Via("child_id", _SEEN))
    walls.protect(op, "enrollment.entry", read="all")
    walls.protect(op, "enrollment.list_event", read="all", history=False)


def _fixed() -> None:
    """What nobody changes, the system neither: the order of arrival, a pseudonym, and a step once it is on record."""
    op.execute(
        "create function enrollment.refuse_change() returns trigger language plpgsql as $$ begin "
        "raise exception 'enrollment: % of % is never changed', tg_argv[0], tg_table_name using errcode = 'check_violation'; "
        "end $$"
    )
    op.execute(
        "create trigger arrival_stands before update of arrival, pseudonym, facility_id, application_id on enrollment.entry "
        "for each row when (old.arrival <> new.arrival or old.pseudonym <> new.pseudonym or old.facility_id <> new.facility_id "
        "or old.application_id <> new.application_id) execute function enrollment.refuse_change('the order of arrival')"
    )
    op.execute(
        "create trigger steps_stand before update on enrollment.list_event "
        "for each row execute function enrollment.refuse_change('a step')"
    )


def _tables() -> None:
    op.create_table(
        "list_event",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("facts", JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_list_event_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_event")),
        schema="enrollment",
    )
    op.create_index(
        op.f("ix_list_event_facility_id"), "list_event", ["facility_id"], unique=False, schema="enrollment"
    )
    op.create_index(
        "ix_list_event_of", "list_event", ["facility_id", "id"], unique=False, schema="enrollment"
    )
    op.create_table(
        "application",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "applied_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state in ('waiting', 'admitted')) = (closed_at is null)", name=op.f("ck_application_closed")
        ),
        sa.CheckConstraint("channel in ('online', 'counter')", name=op.f("ck_application_channel")),
        sa.CheckConstraint(
            "state in ('waiting', 'admitted', 'withdrawn', 'elsewhere', 'expired', 'refused')",
            name=op.f("ck_application_state"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["families.child.id"], name=op.f("fk_application_child_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_application_facility_id")),
        sa.ForeignKeyConstraint(["family_id"], ["families.family.id"], name=op.f("fk_application_family_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        schema="enrollment",
    )
    op.create_index(
        op.f("ix_application_child_id"), "application", ["child_id"], unique=False, schema="enrollment"
    )
    op.create_index(
        op.f("ix_application_facility_id"), "application", ["facility_id"], unique=False, schema="enrollment"
    )
    op.create_index(
        op.f("ix_application_family_id"), "application", ["family_id"], unique=False, schema="enrollment"
    )
    op.create_index(
        "uq_application_open",
        "application",
        ["child_id", "facility_id"],
        unique=True,
        schema="enrollment",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "claim",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("status", sa.String(), server_default="claimed", nullable=False),
        sa.Column(
            "claimed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint(
            "status in ('claimed', 'verified', 'rejected', 'withdrawn')", name=op.f("ck_claim_status")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["families.child.id"], name=op.f("fk_claim_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_claim_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_claim_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        schema="enrollment",
    )
    op.create_index(op.f("ix_claim_child_id"), "claim", ["child_id"], unique=False, schema="enrollment")
    op.create_index(op.f("ix_claim_family_id"), "claim", ["family_id"], unique=False, schema="enrollment")
    op.create_index(op.f("ix_claim_region_no"), "claim", ["region_no"], unique=False, schema="enrollment")
    op.create_index(
        "uq_claim_standing",
        "claim",
        ["child_id", "code", "region_no"],
        unique=True,
        schema="enrollment",
        postgresql_where=sa.text("status <> 'rejected' and status <> 'withdrawn'"),
    )
    op.create_table(
        "entry",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.Column("class_age", sa.SmallInteger(), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("rank_tier", sa.SmallInteger(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["enrollment.application.id"],
            name=op.f("fk_entry_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_entry_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("facility_id", "arrival", name=op.f("uq_entry_facility_id_arrival")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_entry_pseudonym")),
        schema="enrollment",
    )
    op.create_index(
        op.f("ix_entry_application_id"), "entry", ["application_id"], unique=False, schema="enrollment"
    )
    op.create_index(op.f("ix_entry_facility_id"), "entry", ["facility_id"], unique=False, schema="enrollment")
    op.create_index(
        "ix_entry_order",
        "entry",
        ["facility_id", "class_age", "state", "rank_tier", sa.literal_column("points desc"), "arrival"],
        unique=False,
        schema="enrollment",
    )
