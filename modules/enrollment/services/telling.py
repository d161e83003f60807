"""What enrollment tells a family about itself: its takeout, its days, and why something must stay for now."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from core.sdk import _, db, i18n, kept_until, require, scope
from modules.enrollment import rules, words
from modules.enrollment.models import APPLICATIONS, OPEN, Application, Claim, Entry
from modules.enrollment.services.policy import NoRule, rule
from modules.facilities import api as facilities
from modules.families.api import ChildFacts, Moment, Taken, children
from modules.transparency import api as log

MOST = 2000


def takeout(family_id: int) -> list[Taken]:
    """Applications, what was claimed, and every step of the family's own entries."""
    require("enrollment.application.read")
    rows = db.session.execute(
        sa.select(Application, Entry.pseudonym, Entry.points, Entry.arrival)
        .join(Entry, Entry.application_id == Application.id)
        .where(Application.family_id == family_id)
        .order_by(Application.id)
        .limit(MOST)
    ).all()
    claims = db.session.scalars(sa.select(Claim).where(Claim.family_id == family_id).order_by(Claim.id).limit(MOST)).all()
    known = children({row.Application.child_id for row in rows} | {one.child_id for one in claims})
    names = facilities.names({row.Application.facility_id for row in rows})
    steps = log.steps(subjects=[row.pseudonym for row in rows], limit=MOST)[::-1] if rows else []
    return [
        Taken("applications", str(_("Applications")), _said(
            _("Centre"), _("Child"), _("Applied"), _("From"), _("State"), _("Points"), _("Order of arrival"), _("Sign in the public list"),
        ), [
            [names[row.Application.facility_id], _name(known, row.Application.child_id), row.Application.applied_at,
             row.Application.wanted_from, str(words.STATES[row.Application.state][1]), row.points, row.arrival, row.pseudonym]
            for row in rows
        ]),
        Taken("claims", str(_("What you claimed")), _said(_("Child"), _("Circumstance"), _("Evidence"), _("Note")), [
            [_name(known, one.child_id), str(words.circumstance(one.code)), str(words.CLAIMS[one.status][1]), one.note]
            for one in claims
        ]),
        Taken("steps", str(_("Steps of your entries")), _said(_("When"), _("Sign in the public list"), _("What happened"), _("Reason")), [
            [one.at, one.subject, str(words.step(one)), words.reason(one)]
            for one in steps
        ]),
    ]  # fmt: skip


def days(family_id: int) -> list[Moment]:
    """The days children are wanted in care or begin it, and the last day to tell a birth."""
    require("enrollment.application.read")
    rows = db.session.scalars(
        sa.select(Application)
        .where(Application.family_id == family_id, Application.state.in_((*OPEN, "admitted")))
        .order_by(Application.id)
        .limit(MOST)
    ).all()
    known, names, today = children({row.child_id for row in rows}), facilities.names({row.facility_id for row in rows}), scope.current().on_date
    found = []
    for row in rows:
        child, centre = known.get(row.child_id), names[row.facility_id]
        if child is None:
            continue
        said = _("%(child)s begins at %(centre)s", child=child.called, centre=centre) if row.state == "admitted" else _(
            "%(child)s waits for a place at %(centre)s from today", child=child.called, centre=centre)  # fmt: skip
        if row.wanted_from >= today:
            found.append(Moment(f"application-{row.id}", row.wanted_from, str(said)))
        if row.answer_by is not None:
            due = _("Last day to answer: %(centre)s", centre=centre) if row.state == "offered" else _(
                "Last day to bring the papers: %(centre)s", centre=centre)  # fmt: skip
            found.append(Moment(f"answer-{row.id}", row.answer_by, str(due)))
        last = _tell_birth_by(row, child, today)
        if last is not None:
            found.append(Moment(
                f"birth-{row.id}", last, str(_("Last day to tell the birth: %(centre)s", centre=centre)),
                str(_("Without it the application ends.")),
            ))  # fmt: skip
    return found


def holds(child_id: int, family_id: int) -> list[str]:
    """What of enrollment keeps a child's data: an application that runs, or one whose period is not over."""
    require("enrollment.application.read")
    rows = db.session.scalars(sa.select(Application).where(Application.child_id == child_id).limit(MOST)).all()
    names = facilities.names({row.facility_id for row in rows})
    return [_why(row, names[row.facility_id]) for row in rows]


def _why(row: Application, centre: str) -> str:
    if row.state in OPEN:
        return str(_("%(centre)s: the application runs. Withdraw it first.", centre=centre))
    if row.state == "admitted":
        return str(_("%(centre)s: the child is admitted there.", centre=centre))
    assert row.closed_at is not None  # the table demands it
    until = kept_until(APPLICATIONS, row.facility_id, row.closed_at.date(), scope.current().on_date)
    assert until is not None  # the rule has a period of its own
    return str(_("%(centre)s: the law keeps the application that ended until %(day)s.", centre=centre, day=i18n.day(until)))


def _tell_birth_by(row: Application, child: ChildFacts, today: date) -> date | None:
    if row.state != "waiting" or child.born_on is not None or child.expected_on is None:
        return None
    try:
        last = rules.unborn_until(child.expected_on, rule(row.facility_id, today).value)
    except NoRule:
        return None
    return last if last >= today else None


def _said(*titles: Any) -> list[str]:
    return [str(title) for title in titles]


def _name(known: dict[int, ChildFacts], number: int) -> str:
    return known[number].called if number in known else "—"

