"""The turn of the school year: who waits goes on in the list of the class they belong to then, with their place of arrival (1b.7)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from core.sdk import db, require, scope
from modules.enrollment import rules
from modules.enrollment.models import Application, Entry
from modules.enrollment.services import writing
from modules.enrollment.services.ending import end
from modules.enrollment.services.policy import NoRule, rule
from modules.families import api as families

#: So many entries are moved in one bite.
BITE = 500


def turn_year(on: date, limit: int = BITE) -> int:
    """Move entries whose list is not the one of their class on this day; the nightly job calls it as the system. Gives how many.

    The old lists' admitted end in the log by "ended": from here on the class of the new year counts them as held.
    """
    require("enrollment.application.withdraw")
    year = rules.school_year(on)
    rows = db.session.execute(
        sa.select(Entry, Application)
        .join(Application, Application.id == Entry.application_id)
        .where(Entry.state.in_(("waiting", "admitted")), Entry.year_turned < year)
        .order_by(Entry.facility_id, Entry.arrival)
        .limit(limit)
    ).all()
    for number in sorted({entry.facility_id for entry, _application in rows}):
        writing.lock("list", number)
    known = families.children({application.child_id for _entry, application in rows})
    for entry, application in rows:
        _turn(entry, application, known.get(application.child_id), on)
        entry.year_turned = year
    db.session.flush()
    return len(rows)


def _turn(entry: Entry, application: Application, child: families.ChildFacts | None, on: date) -> None:
    begun = rules.list_begins(entry.list_name) <= rules.school_year(on)
    if entry.state == "admitted":
        if begun:
            entry.state = "ended"
            writing.step(entry, "withdraw", reason="ended")
        return
    born = (child.born_on or child.expected_on) if child else None
    if born is None or not begun:
        return
    age = rules.class_age(born, on)
    if age > rules.OLDEST_CLASS:  # school begins
        end([application], "expired", "too_old")
        return
    code = entry.list_name.partition("/")[0]
    to = f"{code}/rolling-{age}"
    if to == entry.list_name:
        return
    try:
        writing.state_rule(entry.facility_id, to, rule(entry.facility_id, scope.current().on_date))
    except NoRule:
        return
    writing.step(entry, "assess", to=to)
    entry.list_name, entry.class_age = to, age
