"""A facility as the register knows it; the district keeps this part (S2-43)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.sdk import FacilityRoot, FacilityScoped, _, db

if TYPE_CHECKING:
    from modules.facilities.models.offer import ClosingDay, Disclosure, OpeningHours, Service

#: What visitors may see of a table that hangs on a facility.
OF_PUBLISHED = "facility_id in (select f.id from facilities.facility f where f.published)"
OPEN_STATUSES = ("open", "reopened")
STATUSES = ("open", "paused", "reopened", "closed", "unknown")


class Facility(FacilityRoot, db.Model):
    """A centre: daycare, Kium centre, preschool, support centre …; its key is its place number."""

    __tablename__ = "facility"
    __public__ = "published"
    #: The register's number is public and must be unique over the installation, so it tells nobody anything.
    __global_unique__ = ("uq_facility_code", "uq_facility_register_register_no")
    __table_args__ = (
        sa.UniqueConstraint("register", "register_no"),
        sa.CheckConstraint("status in ('open', 'paused', 'reopened', 'closed', 'unknown')", name="status"),
        sa.CheckConstraint("capacity is null or capacity >= 0", name="capacity"),
        sa.CheckConstraint("(lat is null) = (lon is null)", name="point"),
        sa.Index("ix_facility_name", "name_sort", "id"),
        sa.Index("ix_facility_region_name", "region_no", "name_sort", "id"),
        sa.Index("ix_facility_kind", "kind", "name_sort", "id"),
        sa.Index("ix_facility_point", "lat", "lon"),
        sa.Index(
            "ix_facility_search",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    region_no: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("core.region.no"))
    code: Mapped[str] = mapped_column(unique=True)
    register: Mapped[str]
    register_no: Mapped[str]
    name: Mapped[str]
    #: Search key of name and address plus the name's initial consonants (core.web.i18n).
    search_text: Mapped[str]
    name_sort: Mapped[str]
    kind: Mapped[str]
    kind_raw: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str]
    address: Mapped[str] = mapped_column(server_default="")
    postcode: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    fax: Mapped[str] = mapped_column(server_default="")
    homepage: Mapped[str] = mapped_column(server_default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    licensed_on: Mapped[date | None]
    paused_from: Mapped[date | None]
    paused_to: Mapped[date | None]
    closed_on: Mapped[date | None]
    capacity: Mapped[int | None]
    enrolled: Mapped[int | None]
    rooms: Mapped[int | None]
    room_area_m2: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 2))
    total_area_m2: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 2))
    playgrounds: Mapped[int | None]
    cctv: Mapped[int | None]
    staff_count: Mapped[int | None]
    bus: Mapped[bool | None]
    operator: Mapped[str] = mapped_column(server_default="")
    published: Mapped[bool] = mapped_column(server_default=sa.true())
    source: Mapped[str] = mapped_column(server_default="staff")
    source_on: Mapped[date | None]
    row_hash: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )

    age_groups: Mapped[list[AgeGroup]] = relationship(order_by="AgeGroup.age")
    services: Mapped[list[Service]] = relationship("Service", order_by="Service.service")
    hours: Mapped[list[OpeningHours]] = relationship("OpeningHours", order_by="OpeningHours.weekday")
    closing_days: Mapped[list[ClosingDay]] = relationship("ClosingDay", order_by="ClosingDay.day")
    disclosure: Mapped[Disclosure | None] = relationship("Disclosure", uselist=False)

    @property
    def places_free(self) -> int | None:
        """Agreed places less children enrolled, never below zero; None when either is unknown."""
        if self.capacity is None or self.enrolled is None:
            return None
        return max(0, self.capacity - self.enrolled)

    @property
    def is_open(self) -> bool:
        """Tell whether the centre takes children now."""
        return self.status in OPEN_STATUSES


class AgeGroup(FacilityScoped, db.Model):
    """Classes and children of one age (S2-35)."""

    __tablename__ = "age_group"
    __title__ = _("Classes and children by age")
    __public__ = OF_PUBLISHED
    __table_args__ = (sa.UniqueConstraint("facility_id", "age"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("facilities.facility.id", ondelete="CASCADE"), index=True
    )
    age: Mapped[str]
    classes: Mapped[int | None]
    children: Mapped[int | None]
