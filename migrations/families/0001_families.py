"""Families: children, guardians with their accounts, who may collect, consents, and which centres see whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls
from core.security.walls import Via

revision = "families_0001"
down_revision = None
branch_labels = None
depends_on = None

_MINE = "select m.family_id from families.membership m where m.account_id = {me} and m.ends_on is null"
_SEEN = "select s.child_id from families.sharing s where s.ends_on is null"
_SEEN_FAMILY = "select s.family_id from families.sharing s where s.ends_on is null"


def upgrade() -> None:
    _tables()
    _walls()


def _walls() -> None:
    mine = Via("family_id", _MINE)
    walls.protect(op, "families.membership", column="region_no", own="account_id")
    walls.protect(op, "families.sharing", own=mine)
    walls.protect(
        op, "families.family", column="region_no", own=Via("id", _MINE), shared=Via("id", _SEEN_FAMILY)
    )
    walls.protect(
        op,
        "families.child",
        column="region_no",
        own=mine,
        shared=Via("id", _SEEN),
        secret=("search_text", "name_sort"),
    )
    walls.protect(
        op, "families.guardian", column="region_no", own=mine, shared=Via("family_id", _SEEN_FAMILY)
    )
    for table in ("collector", "consent"):
        walls.protect(op, f"families.{table}", column="region_no", own=mine, shared=Via("child_id", _SEEN))


def _tables() -> None:
    op.create_table(
        "family",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "founded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_family_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family")),
        schema="families",
    )
    op.create_index(op.f("ix_family_region_no"), "family", ["region_no"], unique=False, schema="families")
    op.create_table(
        "child",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_sort", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("multiple", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "registered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("registered_by", sa.String(), server_default="online", nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("born_on is not null or expected_on is not null", name=op.f("ck_child_birth")),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_child_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_child_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
        schema="families",
    )
    op.create_index(op.f("ix_child_family_id"), "child", ["family_id"], unique=False, schema="families")
    op.create_index("ix_child_name", "child", ["name_sort", "id"], unique=False, schema="families")
    op.create_index(op.f("ix_child_region_no"), "child", ["region_no"], unique=False, schema="families")
    op.create_index(
        "ix_child_search",
        "child",
        ["search_text"],
        unique=False,
        schema="families",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_table(
        "guardian",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("email", sa.String(), server_default="", nullable=False),
        sa.Column("postal", sa.String(), server_default="", nullable=False),
        sa.Column("language", sa.String(), server_default="en", nullable=False),
        sa.Column(
            "entered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("barred_on", sa.Date(), nullable=True),
        sa.Column("barred_because", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("barred_on is null or barred_because <> ''", name=op.f("ck_guardian_barred")),
        sa.CheckConstraint(
            "relation in ('mother', 'father', 'grandparent', 'foster', 'court', 'other')",
            name=op.f("ck_guardian_relation"),
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_guardian_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_guardian_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        schema="families",
    )
    op.create_index(op.f("ix_guardian_family_id"), "guardian", ["family_id"], unique=False, schema="families")
    op.create_index(op.f("ix_guardian_region_no"), "guardian", ["region_no"], unique=False, schema="families")
    op.create_table(
        "collector",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("relation", sa.String(), server_default="", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["child_id"], ["families.child.id"], name=op.f("fk_collector_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_collector_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_collector_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collector")),
        schema="families",
    )
    op.create_index(op.f("ix_collector_child_id"), "collector", ["child_id"], unique=False, schema="families")
    op.create_index(
        op.f("ix_collector_family_id"), "collector", ["family_id"], unique=False, schema="families"
    )
    op.create_index(
        op.f("ix_collector_region_no"), "collector", ["region_no"], unique=False, schema="families"
    )
    op.create_table(
        "consent",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "given_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel in ('online', 'paper')", name=op.f("ck_consent_channel")),
        sa.CheckConstraint(
            "withdrawn_at is null or withdrawn_at >= given_at", name=op.f("ck_consent_withdrawn")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["families.child.id"], name=op.f("fk_consent_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_consent_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["families.guardian.id"], name=op.f("fk_consent_guardian_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_consent_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        schema="families",
    )
    op.create_index(op.f("ix_consent_child_id"), "consent", ["child_id"], unique=False, schema="families")
    op.create_index(op.f("ix_consent_family_id"), "consent", ["family_id"], unique=False, schema="families")
    op.create_index(
        op.f("ix_consent_guardian_id"), "consent", ["guardian_id"], unique=False, schema="families"
    )
    op.create_index(op.f("ix_consent_region_no"), "consent", ["region_no"], unique=False, schema="families")
    op.create_index(
        "uq_consent_in_force",
        "consent",
        ["child_id", "purpose", "region_no"],
        unique=True,
        schema="families",
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "membership",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["core.account.id"], name=op.f("fk_membership_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_membership_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["families.guardian.id"],
            name=op.f("fk_membership_guardian_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_membership_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        schema="families",
    )
    op.create_index(
        op.f("ix_membership_account_id"), "membership", ["account_id"], unique=False, schema="families"
    )
    op.create_index(
        op.f("ix_membership_family_id"), "membership", ["family_id"], unique=False, schema="families"
    )
    op.create_index(
        op.f("ix_membership_guardian_id"), "membership", ["guardian_id"], unique=False, schema="families"
    )
    op.create_index(
        op.f("ix_membership_region_no"), "membership", ["region_no"], unique=False, schema="families"
    )
    op.create_index(
        "uq_membership_in_force",
        "membership",
        ["family_id", "account_id", "region_no"],
        unique=True,
        schema="families",
        postgresql_where=sa.text("ends_on is null"),
    )
    op.create_table(
        "sharing",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["child_id"], ["families.child.id"], name=op.f("fk_sharing_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_sharing_facility_id")),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_sharing_family_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing")),
        schema="families",
    )
    op.create_index(op.f("ix_sharing_child_id"), "sharing", ["child_id"], unique=False, schema="families")
    op.create_index(
        op.f("ix_sharing_facility_id"), "sharing", ["facility_id"], unique=False, schema="families"
    )
    op.create_index(op.f("ix_sharing_family_id"), "sharing", ["family_id"], unique=False, schema="families")
    op.create_index(
        "uq_sharing_in_force",
        "sharing",
        ["child_id", "facility_id", "purpose"],
        unique=True,
        schema="families",
        postgresql_where=sa.text("ends_on is null"),
    )
