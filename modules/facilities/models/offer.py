"""What a centre offers and publishes; the centre itself keeps this part (S2-43)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityRoot, FacilityScoped, _, db
from modules.facilities.models.facility import OF_PUBLISHED

SEASONS = ("all", "term", "vacation")


def _facility() -> Any:
    return mapped_column(
        sa.BigInteger, sa.ForeignKey("facilities.facility.id", ondelete="CASCADE"), index=True
    )


class Service(FacilityScoped, db.Model):
    """A kind of care the centre offers, with its standing: searchable (S2-20…S2-24, S2-61)."""

    __tablename__ = "service"
    __title__ = _("Services")
    __public__ = OF_PUBLISHED
    __table_args__ = (
        sa.UniqueConstraint("facility_id", "service"),
        sa.Index("ix_service_service", "service", "facility_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int] = _facility()
    service: Mapped[str]
    standing: Mapped[str] = mapped_column(server_default="offered")


class OpeningHours(FacilityScoped, db.Model):
    """Hours of a weekday in term or vacation, with meals and snacks then (S1-118, S1-119)."""

    __tablename__ = "opening_hours"
    __title__ = _("Opening hours")
    __public__ = OF_PUBLISHED
    __table_args__ = (sa.UniqueConstraint("facility_id", "season", "weekday"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int] = _facility()
    season: Mapped[str]
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    meals: Mapped[int] = mapped_column(server_default="0")
    snacks: Mapped[int] = mapped_column(server_default="0")


class ClosingDay(FacilityScoped, db.Model):
    """A day the centre closes at its own discretion (S1-080)."""

    __tablename__ = "closing_day"
    __title__ = _("Closing days")
    __public__ = OF_PUBLISHED
    __table_args__ = (sa.UniqueConstraint("facility_id", "day"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int] = _facility()
    day: Mapped[date]
    reason: Mapped[str]


class Disclosure(FacilityRoot, db.Model):
    """What the centre tells parents about itself (S2-30…S2-34): fees, programmes, insurance, meals, extent of service."""

    __tablename__ = "disclosure"
    __title__ = _("What the centre tells parents")
    __public__ = "id in (select f.id from facilities.facility f where f.published)"

    id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("facilities.facility.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    #: Rows of {"name", "amount" (minor units), "unit"}.
    fees: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    programmes: Mapped[str] = mapped_column(server_default="")
    insurance: Mapped[str] = mapped_column(server_default="")
    meals: Mapped[str] = mapped_column(server_default="")
    extent: Mapped[str] = mapped_column(server_default="")


class MealPhoto(FacilityScoped, db.Model):
    """A photograph of a meal without its metadata (S2-28); the file lies under the home, named by its SHA-256."""

    __tablename__ = "meal_photo"
    __title__ = _("Photographs of meals")
    __public__ = OF_PUBLISHED

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int] = _facility()
    day: Mapped[date]
    caption: Mapped[str]
    sha256: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
