"""Changes of capacity and status as dated acts: asked by the centre, decided by the district, in force from a day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityScoped, _, db

CAPACITY_STATES = ("requested", "approved", "rejected", "withdrawn", "in_force")


class CapacityChange(FacilityScoped, db.Model):
    """A request to change the agreed capacity (S1-112, S1-113, K4); until its day the old value rules."""

    __tablename__ = "capacity_change"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("facilities.facility.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(server_default="requested")
    before: Mapped[int | None]
    wanted: Mapped[int]
    total_area_m2: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 2))
    room_area_m2: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 2))
    #: The most the floor area allows, with the lines that explain it and the ids of the policies used.
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    effective_on: Mapped[date]
    reason: Mapped[str]
    requested_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    requested_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    decision: Mapped[str] = mapped_column(server_default="")


class StatusChange(FacilityScoped, db.Model):
    """One step of a centre's life: open, paused, reopened, closed, from a day (rulebook 1a.1)."""

    __tablename__ = "status_change"
    __title__ = _("Changes of status")

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("facilities.facility.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str]
    from_day: Mapped[date | None]
    noted_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    source: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
