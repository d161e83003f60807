"""Commit to what a leaf must not tell, open it to whom it concerns, destroy it (points 4 and 5)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from core.sdk import db, scope
from modules.transparency.commitments import root_over, salted
from modules.transparency.models import Opening
from modules.transparency.services.appending import append

#: An entry has as many openings as it was judged times; so many are read.
MOST = 200


def commit(place: int, entry: str, values: Mapping[str, str]) -> str:
    """Hide values behind a root that stands in a leaf as `commit`; internal to the services that asked, as the system."""
    fields = salted(values)
    found = root_over(entry, fields)
    db.session.execute(sa.insert(Opening).values(subject=entry, commit=found, place_no=place, fields=fields))
    return found.hex()


def opened(entry: str, commit_root: str) -> dict[str, dict[str, str]]:
    """The fields behind a root; empty once they were destroyed; internal to the services that asked, as the system."""
    found = db.session.get(Opening, (entry, bytes.fromhex(commit_root)))
    return dict(found.fields) if found else {}


def ended(entry: str) -> None:
    """An entry has ended: what it hides goes when its time is over; internal to the services that asked, as the system."""
    db.session.execute(sa.update(Opening).where(Opening.subject == entry).values(ended_on=scope.current().on_date))


def erase(place: int, entry: str, **facts: int | str) -> None:
    """Destroy what an entry's commitments hide and say so in the log; internal to the services that asked, as the system."""
    db.session.execute(sa.delete(Opening).where(Opening.subject == entry))
    append("erase", place, entry=entry, **facts)
