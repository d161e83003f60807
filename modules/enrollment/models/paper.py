"""Who stands on a centre's paper list, as its people copy it: taken over into the public log in one go (S2-44)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import FacilityScoped, RetentionRule, _, db, declare_retention


class PaperEntry(FacilityScoped, db.Model):
    """One line of a paper list: a child, since when it stands there, and what the family claimed."""

    __tablename__ = "paper_entry"
    __title__ = _("Lines of paper lists")
    __table_args__ = (sa.UniqueConstraint("facility_id", "child_id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    child_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("families.child.id", ondelete="CASCADE"), index=True)
    applied_on: Mapped[date]
    wanted_from: Mapped[date]
    claims: Mapped[list[str]] = mapped_column(JSONB, server_default=sa.text("'[]'"))
    #: When it was taken over; until then it stands in no list.
    taken_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


PAPERS = declare_retention(
    RetentionRule("enrollment.paper_entry", PaperEntry, PaperEntry.taken_at, keep="3y", title=_("Lines of paper lists"))
)
