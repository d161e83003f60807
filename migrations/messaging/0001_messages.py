"""Messaging: messages with their attempts, a region's wordings, texts used before, and who wants no promotion."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.security import walls

revision = "messaging_0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "messaging"
BIG, TEXT, TIME = sa.BigInteger(), sa.String(), sa.DateTime(timezone=True)
NOW, EMPTY, ZERO = sa.text("clock_timestamp()"), sa.text("''"), sa.text("0")


def upgrade() -> None:
    _messages()
    _attempts()
    _wordings()
    _phrases()
    _opt_outs()
    walls.protect(
        op, "messaging.message", column="place_no", own="account_id",
        secret=("name", "phone", "email", "postal", "subject", "text"),
    )  # fmt: skip
    walls.protect(op, "messaging.attempt", column="place_no", history=False)
    walls.protect(op, "messaging.wording", column="region_no", read="all")
    walls.protect(op, "messaging.phrase", column="place_no", history=False)
    walls.protect(op, "messaging.opt_out", column="place_no", own="account_id", secret=("contact",))


def _table(name: str, place: str, *parts: Any) -> None:
    op.create_table(
        name,
        sa.Column(place, BIG, nullable=False),
        sa.Column("id", BIG, sa.Identity(always=False), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        schema=SCHEMA,
    )
    op.create_index(f"ix_{name}_{place}", name, [place], schema=SCHEMA)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False)


def _blank(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, server_default=EMPTY, nullable=False)


def _messages() -> None:
    _table(
        "message", "place_no",
        _text("key"), _text("template"), _text("kind"),
        sa.Column("wording_id", BIG), _blank("about"), sa.Column("account_id", BIG),
        _text("name"), _text("language"), _blank("phone"), _blank("email"), _blank("postal"),
        sa.Column("only_here", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _text("subject"), _text("text"),
        sa.Column("state", TEXT, server_default=sa.text("'queued'"), nullable=False),
        _blank("reason"), _blank("channel"),
        sa.Column("round", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("step", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("step_since", TIME, server_default=NOW, nullable=False),
        sa.Column("cost_minor", BIG, server_default=ZERO, nullable=False),
        sa.Column("written_at", TIME, server_default=NOW, nullable=False),
        sa.Column("read_at", TIME),
        sa.CheckConstraint(
            "state in ('queued', 'sent', 'delivered', 'failed', 'letter', 'posted', 'withheld')", name="ck_message_state"
        ),
        sa.CheckConstraint("kind in ('service', 'promotional')", name="ck_message_kind"),
        sa.ForeignKeyConstraint(["account_id"], ["core.account.id"], name="fk_message_account_id", ondelete="SET NULL"),
        sa.UniqueConstraint("place_no", "key", name="uq_message_place_no_key"),
    )  # fmt: skip
    op.create_index("ix_message_account_id", "message", ["account_id"], schema=SCHEMA)
    op.create_index("ix_message_place", "message", ["place_no", "id"], schema=SCHEMA)
    partial = {
        "ix_message_mine": (["account_id", "id"], "account_id is not null"),
        "ix_message_about": (["about", "id"], "about <> ''"),
        "ix_message_failed": (["place_no", "id"], "state = 'failed' or state = 'letter'"),
    }
    for name, (columns, where) in partial.items():
        op.create_index(name, "message", columns, schema=SCHEMA, postgresql_where=sa.text(where))


def _attempts() -> None:
    _table(
        "attempt", "place_no",
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False), sa.Column("step", sa.Integer(), nullable=False),
        _text("channel"), _blank("gateway"), _blank("reference"), _text("state"), _blank("reason"),
        sa.Column("size", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("cost_minor", BIG, server_default=ZERO, nullable=False),
        _blank("currency"),
        sa.Column("policy_ids", sa.ARRAY(TEXT), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.Column("receipt_due_at", TIME), sa.Column("receipt_at", TIME),
        sa.CheckConstraint(
            "state in ('sent', 'delivered', 'failed', 'expired', 'skipped')", name="ck_attempt_state"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messaging.message.id"], name="fk_attempt_message_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("message_id", "round", "step", name="uq_attempt_message_id_round_step"),
    )  # fmt: skip
    op.create_index("ix_attempt_message_id", "attempt", ["message_id"], schema=SCHEMA)
    op.create_index("ix_attempt_month", "attempt", ["place_no", "at"], schema=SCHEMA)
    op.create_index("ix_attempt_reference", "attempt", ["gateway", "reference"], schema=SCHEMA,
                    postgresql_where=sa.text("reference <> ''"))  # fmt: skip
    op.create_index("ix_attempt_waiting", "attempt", ["receipt_due_at"], schema=SCHEMA,
                    postgresql_where=sa.text("state = 'sent'"))  # fmt: skip


def _wordings() -> None:
    _table(
        "wording", "region_no",
        _text("template"), _text("language"), _text("subject"), _text("text"),
        sa.Column("state", TEXT, server_default=sa.text("'draft'"), nullable=False), _blank("reason"),
        _blank("provider_state"), _blank("provider_code"), _blank("provider_reason"),
        sa.Column("written_by", BIG), sa.Column("submitted_by", BIG), sa.Column("decided_by", BIG),
        sa.Column("changed_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'approved', 'rejected', 'replaced')", name="ck_wording_state"
        ),
        sa.CheckConstraint("decided_by <> submitted_by", name="ck_wording_four_eyes"),
        sa.CheckConstraint(
            "provider_state in ('', 'submitted', 'approved', 'rejected')", name="ck_wording_provider"
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name="fk_wording_region_no"),
    )  # fmt: skip
    op.create_index("uq_wording_in_force", "wording", ["region_no", "template", "language"], unique=True, schema=SCHEMA,
                    postgresql_where=sa.text("state = 'approved'"))  # fmt: skip
    op.create_index("ix_wording_template", "wording", ["template", "language", "region_no"], schema=SCHEMA)


def _phrases() -> None:
    _table(
        "phrase", "place_no",
        _text("start"), _text("digest"), _text("subject"), _text("text"),
        sa.Column("uses", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("used_at", TIME, server_default=NOW, nullable=False),
        sa.UniqueConstraint("place_no", "digest", name="uq_phrase_place_no_digest"),
    )  # fmt: skip
    op.create_index("ix_phrase_start", "phrase", ["place_no", "start"], schema=SCHEMA,
                    postgresql_ops={"start": "text_pattern_ops"})  # fmt: skip


def _opt_outs() -> None:
    _table(
        "opt_out", "place_no",
        sa.Column("account_id", BIG), _blank("contact"),
        sa.Column("told_at", TIME, server_default=NOW, nullable=False), sa.Column("ended_at", TIME),
        sa.CheckConstraint("account_id is not null or contact <> ''", name="ck_opt_out_whose"),
        sa.ForeignKeyConstraint(["account_id"], ["core.account.id"], name="fk_opt_out_account_id", ondelete="CASCADE"),
    )  # fmt: skip
    op.create_index("ix_opt_out_account_id", "opt_out", ["account_id"], schema=SCHEMA)
    op.create_index("ix_opt_out_contact", "opt_out", ["contact"], schema=SCHEMA,
                    postgresql_where=sa.text("ended_at is null"))  # fmt: skip
