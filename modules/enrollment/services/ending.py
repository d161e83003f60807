"""Ends of an application: withdrawn as easily as made, without disadvantage; expired for an unborn child (S1-214, S1-215, W10)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, publish, require, scope
from modules.enrollment import rules
from modules.enrollment.events import ApplicationClosed
from modules.enrollment.models import Application
from modules.enrollment.services import writing
from modules.enrollment.services.policy import rule
from modules.families import api as families


class NotWaiting(Refusal):
    """An application that has ended already."""

    code: ClassVar[str] = "enrollment.not-waiting"


def application_of(number: int) -> Application:
    """An application one may see, or `NotFound`."""
    require("enrollment.application.read")
    found = db.session.get(Application, number)
    if found is None:
        raise NotFound(_("There is no such application here."))
    return found


def withdraw(number: int) -> None:
    """Take an application back; applying again later puts the child at the end of its group, and nothing else. Commits."""
    found = application_of(number)
    own = scope.current().own_only
    require("enrollment.application.withdraw", at=None if own else found.facility_id)
    if found.state != "waiting":
        raise NotWaiting(_("This application has ended already."))
    with scope.system("a family withdraws an application"):
        writing.lock("child", found.child_id)
        mine = db.session.get_one(Application, number)
        if mine.state == "waiting":
            end([mine], "withdrawn")
        db.session.commit()


def end(applications: list[Application], state: str, note: str = "") -> None:
    """Close applications and all that hangs on them; internal, under a system scope."""
    writing.close(applications, state, note)
    for one in applications:
        families.unshare(one.child_id, one.facility_id, "application")
        publish(ApplicationClosed(one.id, one.facility_id, one.child_id, state), place=one.facility_id)


def expire_unborn(on: date, limit: int = 500) -> int:
    """End applications of children whose birth nobody told in time; the nightly job calls it as the system."""
    require("enrollment.application.withdraw")
    rows = db.session.scalars(
        sa.select(Application).where(Application.state == "waiting").order_by(Application.id).limit(limit * 20)
    ).all()
    known = families.children({row.child_id for row in rows})
    due = []
    for row in rows:
        child = known.get(row.child_id)
        unborn = child is not None and child.born_on is None and child.expected_on is not None
        if unborn and child and child.expected_on and rules.unborn_until(child.expected_on, rule(row.facility_id, on).value) < on:
            due.append(row)
    end(due[:limit], "expired")
    return len(due[:limit])
