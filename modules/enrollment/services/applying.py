"""Applying: by the family itself or for it at the counter, with the same checks, rights and time (F-57, W6, W7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, ngettext, publish, require, scope
from modules.enrollment import rules
from modules.enrollment.events import ApplicationMade
from modules.enrollment.models import Application
from modules.enrollment.services import writing
from modules.enrollment.services.policy import rule
from modules.facilities import api as facilities
from modules.families import api as families

#: So far ahead a family may ask for a place (days).
AHEAD = 3 * 366


class CannotApply(Refusal):
    """An application the rules do not allow."""

    code: ClassVar[str] = "enrollment.cannot-apply"


def apply(child_id: int, facility_id: int, *, wanted_from: date) -> int:
    """Apply for one's own child; gives the application's number. Asked again while it waits, the same one. Commits."""
    require("enrollment.application.create")
    return _apply(_child(child_id), facility_id, wanted_from, "online")


def apply_at_counter(child_id: int, facility_id: int, *, wanted_from: date) -> int:
    """Apply for a family at the centre's counter: the same checks, rights and time as online. Commits."""
    require("enrollment.application.enter", at=facility_id)
    return _apply(_child(child_id), facility_id, wanted_from, "counter")


def _child(number: int) -> families.ChildFacts:
    found = families.children([number]).get(number)
    if found is None:
        raise NotFound(_("There is no such child here."))
    return found


def _apply(child: families.ChildFacts, facility_id: int, wanted_from: date, channel: str) -> int:
    today = scope.current().on_date
    if not today <= wanted_from <= today + timedelta(days=AHEAD):
        raise CannotApply(_("Choose a day from today on, at most three years ahead."))
    if not facilities.takes_children(facility_id):
        raise CannotApply(_("This centre takes no children now. Choose another one."))
    policy = rule(facility_id, today)
    if child.born_on is None and child.expected_on and rules.unborn_until(child.expected_on, policy.value) < today:
        raise CannotApply(_("The expected day has long passed: tell the birth first."))
    with scope.system("a family applies to a centre"):
        writing.lock("child", child.id)
        standing = db.session.scalars(
            sa.select(Application)
            .where(Application.child_id == child.id, Application.state.in_(("waiting", "admitted")))
            .limit(writing.MANY)
        ).all()
        there = next((one for one in standing if one.facility_id == facility_id and one.state == "waiting"), None)
        if there is not None:  # a double click, or another device
            return int(there.id)
        _within_limit(standing, facility_id, policy.value)
        application = Application(
            facility_id=facility_id, child_id=child.id, family_id=child.family_id, wanted_from=wanted_from, channel=channel
        )
        db.session.add(application)
        db.session.flush()
        born = child.born_on or child.expected_on
        assert born is not None
        writing.arrive(application, min(rules.class_age(born, wanted_from), rules.OLDEST_CLASS))
        families.share(child.id, child.family_id, facility_id, "application")
        number = int(application.id)
        publish(ApplicationMade(number, facility_id, child.id), place=facility_id)
        db.session.commit()
    return number


def _within_limit(rows: Sequence[Application], facility_id: int, value: Mapping[str, Any]) -> None:
    enrolled = any(one.state == "admitted" for one in rows)
    if any(one.state == "admitted" and one.facility_id == facility_id for one in rows):
        raise CannotApply(_("The child is admitted to this centre already."))
    most = rules.most_applications(enrolled=enrolled, value=value)
    if sum(one.state == "waiting" for one in rows) >= most:
        raise CannotApply(
            ngettext(
                "A child may wait at %(num)s centre at most here: withdraw an application first.",
                "A child may wait at %(num)s centres at most here: withdraw an application first.",
                most,
            )
        )
