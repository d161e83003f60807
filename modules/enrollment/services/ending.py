"""Ends of an application: withdrawn as easily as made, without disadvantage; expired for an unborn child (S1-214, S1-215, W10)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, publish, require, scope
from modules.enrollment import rules
from modules.enrollment.events import ApplicationClosed
from modules.enrollment.models import OPEN, Application, Vacancy
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
    if found.state not in OPEN:
        raise NotWaiting(_("This application has ended already."))
    with scope.system("a family withdraws an application"):
        writing.lock("child", found.child_id)
        mine = db.session.get_one(Application, number, with_for_update=True)
        if mine.state in OPEN:
            end([mine], "withdrawn")
        db.session.commit()


#: How an application ends → the leaf that says so.
ENDS = {
    "withdrawn": {"kind": "withdraw", "reason": "withdrawn"}, "elsewhere": {"kind": "withdraw", "reason": "elsewhere"},
    "refused": {"kind": "withdraw", "reason": "refused"}, "left": {"kind": "withdraw", "reason": "left"},
    "expired": {"kind": "expire", "then": "out"}, "declined": {"kind": "decline", "then": "out"},
}  # fmt: skip


def end(applications: list[Application], state: str, note: str = "") -> None:
    """Close applications and all that hangs on them, the place they were offered included; internal, under a system scope."""
    for one in applications:
        facts = dict(ENDS[state])
        if one.vacancy_id is not None and facts["kind"] != "withdraw":
            facts["vacancy"] = one.vacancy_id  # type: ignore[assignment]
        give_back(one, ended=state == "left")
        writing.move(one, state, leave=True, note=note, **facts)  # type: ignore[arg-type]
        families.unshare(one.child_id, one.facility_id, "application")
        publish(ApplicationClosed(one.id, one.facility_id, one.child_id, state), place=one.facility_id)


def give_back(application: Application, *, ended: bool = False) -> None:
    """The place an application was offered or had is free: for the next one, or altogether; internal, under a system scope."""
    if application.vacancy_id is None:
        return
    writing.lock("list", application.facility_id)
    db.session.execute(
        sa.update(Vacancy).where(Vacancy.id == application.vacancy_id).values(state="ended" if ended else "open")
    )


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
    end(due[:limit], "expired", "birth_untold")
    return len(due[:limit])
