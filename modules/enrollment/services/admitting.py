"""Admission: the next in line, or with a coded reason the next one it does not concern; all other waits of the child end (W8)."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, ngettext, publish, require, scope
from modules.enrollment.events import ChildAdmitted
from modules.enrollment.models import Application, Entry
from modules.enrollment.services import writing
from modules.enrollment.services.ending import NotWaiting, application_of, end
from modules.enrollment.services.order import place
from modules.enrollment.services.policy import rule
from modules.families import api as families

#: The only reasons for which a centre may pass over those before (rulebook 1b.9).
PASSING = ("no_vacancy_in_class", "class_not_operated", "capacity_frozen", "ratio_exceeded", "infectious_disease", "documents_missing")


class NotNext(Refusal):
    """Somebody waits before this application, and no lawful reason was given to pass over them."""

    code: ClassVar[str] = "enrollment.not-next"


class NoConsent(Refusal):
    """The family has not consented to what care needs."""

    code: ClassVar[str] = "enrollment.no-consent"


def admit(number: int, *, passing: str = "") -> None:
    """Admit a child. Somebody further down only with one of `PASSING`, which stands in the public record. Commits."""
    found = application_of(number)
    require("enrollment.application.admit", at=found.facility_id)
    if passing and passing not in PASSING:
        raise NotNext(_("Choose one of the reasons the rules name."))
    missing = families.missing_consents(found.child_id, found.facility_id)
    if missing:
        raise NoConsent(_("The family has not consented yet: %(what)s", what=" · ".join(missing)))
    with scope.system("a centre admits a child"):
        writing.lock("child", found.child_id)
        writing.lock_lists(found.child_id)
        mine = db.session.get_one(Application, number)
        if mine.state != "waiting":
            raise NotWaiting(_("This application has ended already."))
        entry = db.session.scalars(sa.select(Entry).where(Entry.application_id == number)).one()
        rank = place(entry)
        if rank > 1 and not passing:
            raise NotNext(
                ngettext(
                    "%(num)s family waits before this one: admit it first, or name the lawful reason.",
                    "%(num)s families wait before this one: admit them first, or name the lawful reason.",
                    rank - 1,
                )
            )
        if rank > 1:
            writing.step(entry, "pass_over", reason=passing, before=rank - 1)
        writing.close([mine], "admitted", passing)
        families.share(mine.child_id, mine.family_id, mine.facility_id, "enrollment")
        families.unshare(mine.child_id, mine.facility_id, "application")
        if rule(mine.facility_id, scope.current().on_date).value["on_admission"] == "drop_all":
            others = db.session.scalars(
                sa.select(Application)
                .where(Application.child_id == mine.child_id, Application.state == "waiting")
                .order_by(Application.facility_id)
                .limit(writing.MANY)
            ).all()
            end(list(others), "elsewhere")
        publish(ChildAdmitted(number, mine.facility_id, mine.child_id), place=mine.facility_id)
        db.session.commit()


def judge_siblings(application_id: int) -> None:
    """A brother or sister who waits at the same centre counts as having a sibling there from now on; the system's work."""
    require("enrollment.application.admit")
    admitted = db.session.get_one(Application, application_id)
    waiting = db.session.scalars(
        sa.select(Application.child_id)
        .where(
            Application.family_id == admitted.family_id, Application.facility_id == admitted.facility_id,
            Application.child_id != admitted.child_id, Application.state == "waiting",
        )
        .order_by(Application.child_id)
        .limit(writing.MANY)
    ).all()  # fmt: skip
    for child_id in waiting:
        writing.lock("child", child_id)
        writing.judge_again(child_id)
