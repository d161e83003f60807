"""Under which licence, and as of which day of which source, a region's register is given away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.sdk import db, policies
from modules.facilities.models import Facility

KEY = "facilities.open_data.terms"


@dataclass(frozen=True)
class Terms:
    """What stands in every file beside the data."""

    licence: str
    licence_url: str
    attribution: str
    #: The latest day any register used here speaks of; None where centres were entered by hand only.
    source_on: date | None
    #: Where the rows come from, e.g. `import:pl-rspo`.
    sources: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The terms as they stand in JSON."""
        return {
            "licence": self.licence, "licence_url": self.licence_url, "attribution": self.attribution,
            "source_on": self.source_on.isoformat() if self.source_on else None, "sources": list(self.sources),
        }  # fmt: skip


def terms(place: int, conditions: list[sa.ColumnElement[bool]]) -> Terms:
    """The terms in force at a region today, for the rows that fit `conditions`."""
    value = policies.resolve(KEY, place=place).value
    rows = db.session.execute(
        sa.select(Facility.source, sa.func.max(Facility.source_on))
        .where(*conditions)
        .group_by(Facility.source)
    ).all()
    days = [day for _source, day in rows if day is not None]
    return Terms(
        value["licence"], value.get("url", ""), value.get("attribution", ""), max(days, default=None),
        tuple(sorted(source for source, _day in rows)),
    )  # fmt: skip
