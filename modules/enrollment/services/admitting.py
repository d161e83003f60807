"""Admission of a child whose family accepted a place, once consents and papers are there; and the day it leaves (1b.8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, publish, require, scope
from modules.enrollment.events import ChildAdmitted
from modules.enrollment.models import Application, Vacancy
from modules.enrollment.services import writing
from modules.enrollment.services.ending import NotWaiting, application_of, end
from modules.enrollment.services.papers import needed
from modules.families import api as families


class NoConsent(Refusal):
    """The family has not consented to what care needs."""

    code: ClassVar[str] = "enrollment.no-consent"


class NoPapers(Refusal):
    """Papers of admission are missing that nobody has seen."""

    code: ClassVar[str] = "enrollment.no-papers"


def admit(number: int, *, seen: Sequence[str] = ()) -> None:
    """Admit the child of a family that accepted; `seen` names kinds of papers shown on paper. Commits.

    Raises `NotWaiting`, `NoConsent`, `NoPapers`.
    """
    found = application_of(number)
    require("enrollment.application.admit", at=found.facility_id)
    if found.state != "accepted":
        raise NotWaiting(_("Only a family that accepted an offered place is admitted."))
    consents = families.missing_consents(found.child_id, found.facility_id)
    if consents:
        raise NoConsent(_("The family has not consented yet: %(what)s", what=" · ".join(consents)))
    missing = missing_papers(found, seen)
    if missing:
        raise NoPapers(_("Papers are missing: %(what)s", what=" · ".join(families.paper_title(kind) for kind in missing)))
    with scope.system("a centre admits a child"):
        writing.lock("child", found.child_id)
        writing.lock_lists(found.child_id)
        mine = db.session.get_one(Application, number, with_for_update=True, populate_existing=True)
        if mine.state != "accepted":
            raise NotWaiting(_("This application has ended already."))
        mine.papers_seen = sorted({kind for kind in seen if kind in needed(mine.facility_id).admission})
        db.session.execute(sa.update(Vacancy).where(Vacancy.id == mine.vacancy_id).values(state="filled"))
        writing.move(mine, "admitted", "admit", vacancy=mine.vacancy_id, source="offer")
        families.share(mine.child_id, mine.family_id, mine.facility_id, "enrollment")
        families.unshare(mine.child_id, mine.facility_id, "application")
        publish(ChildAdmitted(number, mine.facility_id, mine.child_id), place=mine.facility_id)
        db.session.commit()


def missing_papers(application: Application, seen: Sequence[str] = ()) -> list[str]:
    """Kinds of papers admission needs that were neither accepted nor shown; internal, it reads."""
    handed = families.papers(application.child_id)
    return [kind for kind in needed(application.facility_id).admission if handed.get(kind) != "accepted" and kind not in seen]


def leave(number: int) -> None:
    """An admitted child leaves; its place is free again from now on. Commits."""
    found = application_of(number)
    require("enrollment.application.admit", at=found.facility_id)
    with scope.system("a child leaves a centre"):
        writing.lock("child", found.child_id)
        writing.lock("list", found.facility_id)
        mine = db.session.get_one(Application, number, with_for_update=True, populate_existing=True)
        if mine.state != "admitted":
            raise NotWaiting(_("This child is not admitted here."))
        families.unshare(mine.child_id, mine.facility_id, "enrollment")
        end([mine], "left")
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
