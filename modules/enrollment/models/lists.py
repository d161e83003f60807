"""The lists of a centre as everybody may read them: pseudonyms, tiers, points; the public log says how they came about (S2-14, S2-16)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityScoped, _, db


class Entry(FacilityScoped, db.Model):
    """One application's place in a list: nothing here names anybody, so everybody may read it.

    The order is tier (where it rules), points, paper lists before all others, arrival. `arrival` counts in the order of the
    leaves and never falls (the database refuses it); what the log says and what stands here is compared every night.
    """

    __tablename__ = "entry"
    __title__ = _("Waiting lists")
    __read__ = "all"
    __global_unique__ = ("uq_entry_pseudonym",)  # random, tells nothing
    __table_args__ = (
        sa.UniqueConstraint("facility_id", "arrival"),
        sa.Index(
            "ix_entry_order", "facility_id", "list_name", "state", "rank_tier", sa.text("points desc"), "cohort", "arrival"
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("enrollment.application.id", ondelete="CASCADE"), index=True
    )
    pseudonym: Mapped[str] = mapped_column(unique=True)
    #: Which list: "F-2AB/rolling-2" (who comes as soon as possible) or "F-2AB/new-year-2027-2".
    list_name: Mapped[str]
    #: 0 for a paper list that was taken over, before all who applied here; 1 for those.
    cohort: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    arrival: Mapped[int] = mapped_column(sa.BigInteger)
    class_age: Mapped[int] = mapped_column(sa.SmallInteger)
    wanted_from: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="waiting")
    tier: Mapped[int] = mapped_column(sa.SmallInteger)
    points: Mapped[int]
    #: What the order looks at before the points: the tier where the policy says so, else 0.
    rank_tier: Mapped[int] = mapped_column(sa.SmallInteger)
    policy_id: Mapped[str]
    #: The school year in which it was last looked at for the turn of the year.
    year_turned: Mapped[int]
    #: The leaf that gave the entry its place, by its hash; the family's receipt proves that it stands in the log.
    leaf_hash: Mapped[bytes]


class ListRule(FacilityScoped, db.Model):
    """The rule a list is under, as its last `rule` leaf says."""

    __tablename__ = "list_rule"
    __title__ = _("Rules of waiting lists")
    __read__ = "all"
    __table_args__ = (sa.UniqueConstraint("facility_id", "list_name"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    list_name: Mapped[str]
    policy_id: Mapped[str]
    sha256: Mapped[str]
    #: From when it holds; until then the one before does.
    holds_from: Mapped[date]
