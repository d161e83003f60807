"""A new rule: announced in the log the day before it holds, then everybody who waits is judged by it (integrity.md 1, point 12)."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from core.sdk import db, require
from modules.enrollment.models import Application, Entry, ListRule
from modules.enrollment.services import writing
from modules.enrollment.services.policy import NoRule, rule
from modules.families import api as families

#: So many lists are looked at, and so many entries judged, in one bite.
BITE = 500


def announce(on: date, after: int = 0) -> int:
    """Say in the log which rules hold from tomorrow where they differ from today's; gives where to go on, 0 at the end.

    The nightly job calls it as the system.
    """
    require("enrollment.application.withdraw")
    rows = db.session.scalars(sa.select(ListRule).where(ListRule.id > after).order_by(ListRule.id).limit(BITE)).all()
    for row in rows:
        try:
            coming = rule(row.facility_id, on + timedelta(days=1))
        except NoRule:
            continue
        if coming.id != row.policy_id:
            writing.lock("list", row.facility_id)
            writing.state_rule(row.facility_id, row.list_name, coming)
    return int(rows[-1].id) if len(rows) == BITE else 0


def judge_by_new(on: date, limit: int = BITE) -> int:
    """Judge those who wait by the rule their list has come under; the nightly job calls it as the system. Gives how many."""
    require("enrollment.application.withdraw")
    rows = db.session.execute(
        sa.select(Entry, Application)
        .join(Application, Application.id == Entry.application_id)
        .join(ListRule, sa.and_(ListRule.facility_id == Entry.facility_id, ListRule.list_name == Entry.list_name))
        .where(Entry.state == "waiting", Entry.policy_id != ListRule.policy_id, ListRule.holds_from <= on)
        .order_by(Entry.facility_id, Entry.arrival)
        .limit(limit)
    ).all()
    for number in sorted({entry.facility_id for entry, _application in rows}):
        writing.lock("list", number)
    known = families.children({application.child_id for _entry, application in rows})
    for entry, application in rows:
        writing.judge(entry, application, known[application.child_id])
    db.session.flush()
    return len(rows)
