"""Families: guardians are found by the end of their telephone number and by e-mail address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "families_0003"
down_revision = "families_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_guardian_phone_end",
        "guardian",
        [sa.text("\"right\"(regexp_replace(phone, '[^0-9]', '', 'g'), 7)")],
        unique=False,
        schema="families",
        postgresql_where=sa.text("phone <> ''"),
    )
    op.create_index(
        "ix_guardian_email",
        "guardian",
        [sa.text("lower(email)")],
        unique=False,
        schema="families",
        postgresql_where=sa.text("email <> ''"),
    )
