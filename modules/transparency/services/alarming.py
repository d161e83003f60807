"""Alarms: what must not be is written down once, for everybody to see, and stays."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import db
from modules.transparency.models import Alarm

#: So much of what was found is kept, and so many alarms are shown.
LONGEST, MOST = 500, 100


def alarm(what: str, said: str) -> None:
    """Write an alarm down unless it stands already: "head", "step" or "list"; internal to the log's own checks."""
    db.session.execute(insert(Alarm).values(what=what, said=said[:LONGEST]).on_conflict_do_nothing())


def alarms(limit: int = MOST) -> list[Alarm]:
    """The last alarms, newest first; everybody may read them, so internal asks nobody."""
    return list(db.session.scalars(sa.select(Alarm).order_by(Alarm.id.desc()).limit(limit)))
