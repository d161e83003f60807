"""A family: its children, its guardians with their rights, the accounts that act for it, and who may collect."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.sdk import RegionScoped, _, db
from modules.families.models.ways import (
    MINE,
    OF_FAMILY,
    OF_SHARED_CHILD,
    SHARED,
    SHARED_CHILD,
    SHARED_FAMILY,
)

RELATIONS = ("mother", "father", "grandparent", "foster", "court", "other")
_FAMILY = "families.family.id"
#: The end of a telephone number, alike in every way of writing it: by it guardians are found, then compared whole.
ENDING = 7
PHONE_END = f"\"right\"(regexp_replace(phone, '[^0-9]', '', 'g'), {ENDING})"


class Family(RegionScoped, db.Model):
    """A household with its children; `region_no` is the district it lives in."""

    __tablename__ = "family"
    __title__ = _("Families")
    __own__ = OF_FAMILY
    __shared__ = SHARED_FAMILY

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    founded_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    children: Mapped[list[Child]] = relationship(order_by="Child.id", back_populates="family")
    guardians: Mapped[list[Guardian]] = relationship(order_by="Guardian.id", back_populates="family")


class Child(RegionScoped, db.Model):
    """A child, also before its birth: then `expected_on` is known and `born_on` is not (rulebook 1b.6)."""

    __tablename__ = "child"
    __title__ = _("Registered children")
    __own__ = MINE
    __shared__ = SHARED_CHILD
    __table_args__ = (
        sa.CheckConstraint("born_on is not null or expected_on is not null", name="birth"),
        sa.Index("ix_child_name", "name_sort", "id"),
        sa.Index("ix_child_born_on", "born_on", "region_no"),
        sa.Index(
            "ix_child_search", "search_text", postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_FAMILY, ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    name_sort: Mapped[str]
    search_text: Mapped[str]
    born_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    #: Twins and more: the only reason for which one family has two children of one day.
    multiple: Mapped[bool] = mapped_column(server_default=sa.false())
    registered_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    #: `online` by the family, `counter` by a centre's people (S1-219).
    registered_by: Mapped[str] = mapped_column(server_default="online")
    #: The day from which no centre saw the child any more; nothing while one does, or none ever did.
    left_on: Mapped[date | None]
    family: Mapped[Family] = relationship(back_populates="children")


class Guardian(RegionScoped, db.Model):
    """A person who has or had the right to act for the family's children; barred ones stay on record with the reason."""

    __tablename__ = "guardian"
    __title__ = _("Guardians")
    __own__ = MINE
    __shared__ = SHARED
    __table_args__ = (
        sa.CheckConstraint(
            "relation in ('mother', 'father', 'grandparent', 'foster', 'court', 'other')", name="relation"
        ),
        sa.CheckConstraint("barred_on is null or barred_because <> ''", name="barred"),
        sa.Index("ix_guardian_phone_end", sa.text(PHONE_END), postgresql_where=sa.text("phone <> ''")),
        sa.Index("ix_guardian_email", sa.text("lower(email)"), postgresql_where=sa.text("email <> ''")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_FAMILY, ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    relation: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default="")
    email: Mapped[str] = mapped_column(server_default="")
    postal: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="en")
    entered_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    #: A court took the rights away: from that day the person neither sees nor acts nor collects.
    barred_on: Mapped[date | None]
    barred_because: Mapped[str] = mapped_column(server_default="")
    family: Mapped[Family] = relationship(back_populates="guardians")


class Membership(RegionScoped, db.Model):
    """An account that acts for a family: a guardian's own; two guardians have two (F-55)."""

    __tablename__ = "membership"
    __title__ = _("Accounts of families")
    __own__ = "account_id"
    __table_args__ = (
        sa.Index(
            "uq_membership_in_force", "family_id", "account_id", "region_no", unique=True,
            postgresql_where=sa.text("ends_on is null"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_FAMILY, ondelete="CASCADE"), index=True
    )
    guardian_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.guardian.id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    since: Mapped[date]
    ends_on: Mapped[date | None]


class Collector(RegionScoped, db.Model):
    """Somebody the family lets bring and collect a child: no right to see or decide anything (F-55)."""

    __tablename__ = "collector"
    __title__ = _("Persons who may collect")
    __own__ = MINE
    __shared__ = OF_SHARED_CHILD

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    family_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey(_FAMILY, ondelete="CASCADE"), index=True
    )
    child_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("families.child.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default="")
    relation: Mapped[str] = mapped_column(server_default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
