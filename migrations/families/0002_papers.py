"""Families: papers as evidence, invitations of guardians, requests about personal data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.security import walls
from core.security.walls import Via

revision = "families_0002"
down_revision = "families_0001"
branch_labels = None
depends_on = None

_MINE = "select m.family_id from families.membership m where m.account_id = {me} and m.ends_on is null"
_SEEN = "select s.child_id from families.sharing s where s.ends_on is null"


def upgrade() -> None:
    _tables()
    mine = Via("family_id", _MINE)
    walls.protect(
        op, "families.document", column="region_no", own=mine, shared=Via("child_id", _SEEN), secret=("file",)
    )
    walls.protect(op, "families.invitation", column="region_no", own=mine, secret=("token_hash",))
    walls.protect(op, "families.request", column="region_no", own=mine)


def _tables() -> None:
    op.create_table(
        "document",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("file", sa.String(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "handed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("handed_by", sa.String(), nullable=False),
        sa.Column("status", sa.String(), server_default="waiting", nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(form = 'shown') = (file = '')", name=op.f("ck_document_file")),
        sa.CheckConstraint("form in ('jpeg', 'pdf', 'shown')", name=op.f("ck_document_form")),
        sa.CheckConstraint("status <> 'refused' or note <> ''", name=op.f("ck_document_refused")),
        sa.CheckConstraint("status in ('waiting', 'accepted', 'refused')", name=op.f("ck_document_status")),
        sa.ForeignKeyConstraint(
            ["child_id"], ["families.child.id"], name=op.f("fk_document_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_document_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_document_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        schema="families",
    )
    op.create_index(op.f("ix_document_child_id"), "document", ["child_id"], unique=False, schema="families")
    op.create_index(op.f("ix_document_family_id"), "document", ["family_id"], unique=False, schema="families")
    op.create_index(op.f("ix_document_region_no"), "document", ["region_no"], unique=False, schema="families")
    op.create_table(
        "invitation",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_invitation_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["families.guardian.id"],
            name=op.f("fk_invitation_guardian_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_invitation_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        schema="families",
    )
    op.create_index(
        op.f("ix_invitation_family_id"), "invitation", ["family_id"], unique=False, schema="families"
    )
    op.create_index(
        op.f("ix_invitation_guardian_id"), "invitation", ["guardian_id"], unique=False, schema="families"
    )
    op.create_index(
        op.f("ix_invitation_region_no"), "invitation", ["region_no"], unique=False, schema="families"
    )
    op.create_table(
        "request",
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("answer", sa.String(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('correction', 'erasure', 'objection')", name=op.f("ck_request_kind")),
        sa.CheckConstraint("state = 'open' or answer <> ''", name=op.f("ck_request_answer")),
        sa.CheckConstraint("state in ('open', 'done', 'refused')", name=op.f("ck_request_state")),
        sa.ForeignKeyConstraint(
            ["child_id"], ["families.child.id"], name=op.f("fk_request_child_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.family.id"], name=op.f("fk_request_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_request_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        schema="families",
    )
    op.create_index(op.f("ix_request_child_id"), "request", ["child_id"], unique=False, schema="families")
    op.create_index(op.f("ix_request_family_id"), "request", ["family_id"], unique=False, schema="families")
    op.create_index(
        "ix_request_open",
        "request",
        ["due_on", "id"],
        unique=False,
        schema="families",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_request_region_no"), "request", ["region_no"], unique=False, schema="families")
