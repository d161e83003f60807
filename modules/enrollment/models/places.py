"""Places of a class and what becomes of each free one; the database lets nobody hand out more than there are."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityScoped, RetentionRule, _, db, declare_retention

#: States of a vacancy in which it takes up a place.
TAKING = ("open", "offered", "accepted", "filled")


class ClassGroup(FacilityScoped, db.Model):
    """The places of one class in one school year (1 March to the end of February).

    `held` are places of children who were there before the system; `taken` counts the vacancies that take one up. A trigger
    counts, and a constraint refuses more than `places`, so raw SQL cannot oversell either.
    """

    __tablename__ = "class_group"
    __title__ = _("Places of classes")
    __read__ = "all"
    __table_args__ = (
        sa.UniqueConstraint("facility_id", "year", "class_age"),
        sa.CheckConstraint("places >= 0 and held >= 0 and taken >= 0 and held + taken <= places", name="places"),
        sa.CheckConstraint("class_age between 0 and 5 and year between 2000 and 2200", name="class"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    year: Mapped[int]
    class_age: Mapped[int] = mapped_column(sa.SmallInteger)
    places: Mapped[int]
    held: Mapped[int] = mapped_column(server_default="0")
    taken: Mapped[int] = mapped_column(server_default="0")

    @property
    def free(self) -> int:
        """How many places nobody has and nobody is being offered."""
        return self.places - self.held - self.taken


class Vacancy(FacilityScoped, db.Model):
    """One free place that is being filled from one list; its number stands in the leaves."""

    __tablename__ = "vacancy"
    __title__ = _("Free places being filled")
    __read__ = "all"
    __table_args__ = (
        sa.CheckConstraint("state in ('open', 'offered', 'accepted', 'filled', 'ended', 'closed')", name="state"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    class_group_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("enrollment.class_group.id"), index=True)
    list_name: Mapped[str]
    starts_on: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="open")
    opened_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())


class Passing(FacilityScoped, db.Model):
    """Why one entry takes no part in one vacancy: the code is public, the evidence stays with the centre and its officers."""

    __tablename__ = "passing"
    __title__ = _("Entries passed over")
    __table_args__ = (sa.UniqueConstraint("facility_id", "vacancy_id", "application_id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    vacancy_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("enrollment.vacancy.id"), index=True)
    application_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("enrollment.application.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str]
    evidence: Mapped[str] = mapped_column(server_default="")
    by: Mapped[int | None] = mapped_column(sa.BigInteger)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())


PASSINGS = declare_retention(
    RetentionRule("enrollment.passing", Passing, Passing.at, keep="3y", title=_("Reasons why entries were passed over"))
)
