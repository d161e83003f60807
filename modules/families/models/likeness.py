"""Two records in two families that may be one child, for the officers who look at both."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import RegionScoped, _, db

_CHILD = "families.child.id"


class Likeness(RegionScoped, db.Model):
    """A pair of records, the one entered first as `first_id`; decided once and never asked again.

    `region_no` is the district both live in, or the city when they live in two: then no single district sees the pair.
    """

    __tablename__ = "likeness"
    __title__ = _("Children who may be one")
    __table_args__ = (
        sa.CheckConstraint("first_id < second_id", name="order"),
        sa.CheckConstraint("state in ('open', 'two')", name="state"),
        sa.CheckConstraint("state = 'open' or reason <> ''", name="reason"),
        sa.UniqueConstraint("first_id", "second_id", "region_no"),
        sa.Index(
            "ix_likeness_open", sa.text("strength desc"), "id", postgresql_where=sa.text("state = 'open'")
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    first_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_CHILD, ondelete="CASCADE"), index=True
    )
    second_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_CHILD, ondelete="CASCADE"), index=True
    )
    #: 2 when a guardian agrees too, else 1.
    strength: Mapped[int] = mapped_column(sa.SmallInteger)
    found_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    state: Mapped[str] = mapped_column(server_default="open")
    reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
