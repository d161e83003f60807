"""Applying: by the family itself or for it at the counter, with the same checks, rights and time (F-57, W6, W7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, ngettext, policies, publish, require, scope
from modules.enrollment import rules
from modules.enrollment.events import ApplicationMade
from modules.enrollment.models import OPEN, Application, Draft
from modules.enrollment.services import writing
from modules.enrollment.services.claims import claim_within
from modules.enrollment.services.policy import rule
from modules.facilities import api as facilities
from modules.families import api as families

#: So far ahead a family may ask for a place (days).
AHEAD = timedelta(days=3 * 366)


class CannotApply(Refusal):
    """An application the rules do not allow."""

    code: ClassVar[str] = "enrollment.cannot-apply"


def apply(child_id: int, facility_id: int, *, wanted_from: date, claimed: Sequence[str] = (), draft: int | None = None) -> int:
    """Apply for one's own child with what one claims; gives the application's number. Commits, with the draft thrown away.

    Asked again while it waits, the same one. All of it is written, or nothing.
    """
    require("enrollment.application.create")
    return _apply(_child(child_id), facility_id, wanted_from, claimed, "online", draft)


def apply_at_counter(child_id: int, facility_id: int, *, wanted_from: date, claimed: Sequence[str] = ()) -> int:
    """Apply for a family at the centre's counter: the same checks, rights and time as online. Commits."""
    require("enrollment.application.enter", at=facility_id)
    return _apply(_child(child_id), facility_id, wanted_from, claimed, "counter", None)


def _child(number: int) -> families.ChildFacts:
    found = families.children([number]).get(number)
    if found is None:
        raise NotFound(_("There is no such child here."))
    return found


def _apply(
    child: families.ChildFacts, facility_id: int, wanted_from: date, claimed: Sequence[str], channel: str, draft: int | None
) -> int:
    today = scope.current().on_date
    if not today <= wanted_from <= today + AHEAD:
        raise CannotApply(_("Choose a day from today on, at most three years ahead."))
    with scope.system("a family applies to a centre"):
        centre, policy = rule_for(child, facility_id, today)
        writing.lock("child", child.id)
        standing = db.session.scalars(
            sa.select(Application)
            .where(Application.child_id == child.id, Application.state.in_((*OPEN, "admitted")))
            .limit(writing.MANY)
        ).all()
        there = next((one for one in standing if one.facility_id == facility_id and one.state in OPEN), None)
        if there is not None:  # a double click, or another device
            number = int(there.id)
        else:
            _within_limit(standing, facility_id, policy.value)
            if claimed:
                claim_within(child, claimed, policy)
            number = _enter(child, centre, wanted_from, channel, policy)
        if draft is not None:
            db.session.execute(sa.delete(Draft).where(Draft.id == draft))
        db.session.commit()
    return number


def rule_for(child: families.ChildFacts, facility_id: int, today: date) -> tuple[facilities.Centre, policies.Policy]:
    """The centre, and the rule under which the child may apply to it; internal. Raises `CannotApply`, `NoRule`."""
    centre = facilities.centre(facility_id)
    if centre is None or not centre.takes_children:
        raise CannotApply(_("This centre takes no children now. Choose another one."))
    policy = rule(facility_id, today, centre.kind)
    if child.born_on is None and child.expected_on and rules.unborn_until(child.expected_on, policy.value) < today:
        raise CannotApply(_("The expected day has long passed: tell the birth first."))
    return centre, policy


def _enter(child: families.ChildFacts, centre: facilities.Centre, wanted_from: date, channel: str, policy: policies.Policy) -> int:
    application = Application(
        facility_id=centre.id, child_id=child.id, family_id=child.family_id, wanted_from=wanted_from, channel=channel
    )
    db.session.add(application)
    db.session.flush()
    born = child.born_on or child.expected_on
    assert born is not None
    writing.arrive(application, child, centre.code, min(rules.class_age(born, wanted_from), rules.OLDEST_CLASS), policy)
    families.share(child.id, child.family_id, centre.id, "application")
    publish(ApplicationMade(application.id, centre.id, child.id), place=centre.id)
    return int(application.id)


def _within_limit(rows: Sequence[Application], facility_id: int, value: Mapping[str, Any]) -> None:
    enrolled = any(one.state == "admitted" for one in rows)
    if any(one.state == "admitted" and one.facility_id == facility_id for one in rows):
        raise CannotApply(_("The child is admitted to this centre already."))
    most = rules.most_applications(enrolled=enrolled, value=value)
    if sum(one.state in OPEN for one in rows) >= most:
        raise CannotApply(
            ngettext(
                "A child may wait at %(num)s centre at most here: withdraw an application first.",
                "A child may wait at %(num)s centres at most here: withdraw an application first.",
                most,
            )
        )
