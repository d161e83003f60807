"""Offers: a free place goes to the first in line, who accepts within days; whoever is left out is left out by a code (1b.8, 1b.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, publish, require, scope
from modules.enrollment import rules
from modules.enrollment.events import EntryPassedOver, OfferAccepted, OfferEnded, PlaceOffered
from modules.enrollment.models import OPEN, Application, Entry, Passing, Vacancy
from modules.enrollment.services import writing
from modules.enrollment.services.ending import application_of, end, give_back
from modules.enrollment.services.order import ORDER, in_order
from modules.enrollment.services.places import BadPlaces, vacancy_of
from modules.enrollment.services.policy import rule
from modules.transparency import api as log

#: The only reasons for which a centre may leave an entry out of one vacancy (rulebook 1b.9); the system adds `not_wanted_yet`.
REFUSALS = ("no_vacancy_in_class", "class_not_operated", "capacity_frozen", "ratio_exceeded", "infectious_disease", "documents_missing")
#: At most so many who want to begin later are left out in one offer.
MOST = 500
_EVIDENCE = 1000


class NotNext(Refusal):
    """Somebody else comes first, or no lawful reason was given."""

    code: ClassVar[str] = "enrollment.not-next"


class NotOffered(Refusal):
    """No offer waits for an answer here, or it is too late."""

    code: ClassVar[str] = "enrollment.not-offered"


def next_in_line(vacancy: Vacancy) -> Entry | None:
    """Who comes first for a vacancy: in the order of the list, without those left out of it or wanting to begin later; internal, it reads."""
    return db.session.scalar(_line(vacancy).where(Entry.wanted_from <= vacancy.starts_on).limit(1))


def _line(vacancy: Vacancy) -> sa.Select[Entry]:
    left_out = sa.select(Passing.application_id).where(Passing.vacancy_id == vacancy.id)
    return in_order(vacancy.list_name, vacancy.facility_id).where(Entry.application_id.not_in(left_out))


@dataclass(frozen=True)
class Next:
    """Somebody in line for a vacancy; `later` wants to begin after it is free, and is left out of it when it is offered."""

    place: int
    application_id: int
    points: int
    arrival: int
    later: bool


def line(vacancy: Vacancy, limit: int) -> tuple[list[Next], dict[int, str]]:
    """Those who take part in a vacancy, who comes next first, and the codes of those left out by application."""
    require("enrollment.application.read", at=vacancy.facility_id)
    left_out = db.session.execute(
        sa.select(Passing.application_id, Passing.code).where(Passing.vacancy_id == vacancy.id).order_by(Passing.id).limit(MOST)
    )
    passed = {row.application_id: row.code for row in left_out}
    later = Entry.wanted_from > vacancy.starts_on
    rows = db.session.scalars(_line(vacancy).order_by(None).order_by(later, *ORDER).limit(limit))
    return [
        Next(place, entry.application_id, entry.points, entry.arrival, entry.wanted_from > vacancy.starts_on)
        for place, entry in enumerate(rows, start=1)
    ], passed


def offer(vacancy_id: int) -> int:
    """Offer a vacancy to the first in line; gives the application's number. Commits. Raises `NotNext` when nobody waits."""
    found = vacancy_of(vacancy_id)
    require("enrollment.place.fill", at=found.facility_id)
    with scope.system("a centre offers a place"):
        vacancy = locked(vacancy_id)
        first = next_in_line(vacancy)
        if first is None:
            raise NotNext(_("Nobody in this list waits for a place from that day."))
        _leave_out_the_later(vacancy, first)
        number = place_offered(vacancy, db.session.get_one(Application, first.application_id))
        db.session.commit()
    return number


def locked(vacancy_id: int) -> Vacancy:
    """An open vacancy under the lock of its list; internal to the services that asked."""
    facility_id = db.session.scalar(sa.select(Vacancy.facility_id).where(Vacancy.id == vacancy_id))
    writing.lock("list", int(facility_id or 0))
    vacancy = db.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
    if vacancy.state != "open":
        raise BadPlaces(_("This place is being offered or was filled already."))
    return vacancy


def _leave_out_the_later(vacancy: Vacancy, first: Entry) -> None:
    """Those before the first who want to begin after the place is free take no part; each stands in the log."""
    before = sa.tuple_(Entry.rank_tier, -Entry.points, Entry.cohort, Entry.arrival) < sa.tuple_(
        sa.literal(first.rank_tier), sa.literal(-first.points), sa.literal(first.cohort), sa.literal(first.arrival)
    )
    later = db.session.scalars(_line(vacancy).where(before).limit(MOST)).all()
    for entry in later:
        _leave_out(vacancy, entry, "not_wanted_yet", "")


def _leave_out(vacancy: Vacancy, entry: Entry, code: str, evidence: str) -> None:
    hidden = log.commit(entry.facility_id, entry.pseudonym, {"evidence": evidence}) if evidence else ""
    db.session.add(
        Passing(
            facility_id=entry.facility_id, vacancy_id=vacancy.id, application_id=entry.application_id, code=code,
            evidence=evidence, by=scope.current().account_id,
        )
    )  # fmt: skip
    writing.step(entry, "assess", vacancy=int(vacancy.id), refusal=code, evidence=hidden)


def place_offered(vacancy: Vacancy, application: Application) -> int:
    """Write the offer; internal to the services that decided who gets it, under the lock of the list."""
    days = int(rule(application.facility_id, scope.current().on_date).value["offer_days"])
    until = scope.current().on_date + timedelta(days=days)
    application.vacancy_id, vacancy.state = vacancy.id, "offered"
    writing.move(application, "offered", "offer", answer_by=until, vacancy=int(vacancy.id), until=until.isoformat())
    publish(PlaceOffered(application.id, application.facility_id, application.child_id), place=application.facility_id)
    return int(application.id)


def leave_out(vacancy_id: int, application_id: int, *, code: str, evidence: str) -> None:
    """Leave an entry out of one vacancy with a coded reason and its evidence; it keeps its place for all others. Commits."""
    found = vacancy_of(vacancy_id)
    require("enrollment.application.refuse", at=found.facility_id)
    words = " ".join(evidence.split())
    if code not in REFUSALS:
        raise NotNext(_("Choose one of the reasons the rules name."))
    if not words or len(words) > _EVIDENCE:
        raise NotNext(_("Say what proves the reason: a letter, a decision, a date."))
    with scope.system("a centre leaves an entry out of a vacancy"):
        vacancy = locked(vacancy_id)
        entry = db.session.scalar(_line(vacancy).where(Entry.application_id == application_id))
        if entry is None:
            raise NotNext(_("This family takes no part in this vacancy."))
        _leave_out(vacancy, entry, code, words)
        publish(EntryPassedOver(application_id, vacancy.facility_id, code), place=vacancy.facility_id)
        db.session.commit()


def accept(number: int) -> None:
    """Accept an offered place, by the family or for it at the counter; the child's other applications end (W8). Commits."""
    require("enrollment.application.read")
    found = _answered(number)
    with scope.system("a family accepts a place"):
        writing.lock("child", found.child_id)
        writing.lock_lists(found.child_id)
        mine = _still_offered(number)
        policy = rule(mine.facility_id, scope.current().on_date).value
        until = scope.current().on_date + timedelta(days=int(policy["paper_days"]))
        db.session.execute(sa.update(Vacancy).where(Vacancy.id == mine.vacancy_id).values(state="accepted"))
        writing.move(mine, "accepted", "accept", answer_by=until, vacancy=mine.vacancy_id)
        publish(OfferAccepted(number, mine.facility_id, mine.child_id), place=mine.facility_id)
        if policy["on_admission"] == "drop_all":
            end(_others(mine), "elsewhere")
        db.session.commit()


def decline(number: int) -> None:
    """Say no to an offered place: the application waits on behind those of its points, the second time it ends. Commits."""
    require("enrollment.application.read")
    found = _answered(number)
    with scope.system("a family declines a place"):
        writing.lock("child", found.child_id)
        unanswered([_still_offered(number)], "decline")
        db.session.commit()


def _answered(number: int) -> Application:
    found = application_of(number)
    own = scope.current().own_only
    require("enrollment.application.answer", at=None if own else found.facility_id)
    if found.state != "offered":
        raise NotOffered(_("No offer waits for an answer here: it was answered, or its time is over."))
    return found


def _still_offered(number: int) -> Application:
    facility_id = db.session.scalar(sa.select(Application.facility_id).where(Application.id == number))
    writing.lock("list", int(facility_id or 0))
    mine = db.session.get_one(Application, number, with_for_update=True, populate_existing=True)
    if mine.state != "offered" or mine.answer_by is None or mine.answer_by < scope.current().on_date:
        raise NotOffered(_("No offer waits for an answer here: it was answered, or its time is over."))
    return mine


def _others(mine: Application) -> list[Application]:
    query = sa.select(Application).where(
        Application.child_id == mine.child_id, Application.state.in_(OPEN), Application.id != mine.id
    )
    return list(db.session.scalars(query.order_by(Application.facility_id).limit(writing.MANY)))


def unanswered(applications: Sequence[Application], kind: str) -> None:
    """Offers that got a no ("decline") or none in time ("expire"); the places are free for the next; internal, as the system."""
    for one in applications:
        facts = {"vacancy": int(one.vacancy_id or 0)}
        one.declines += 1
        then = rules.after_no(one.declines, rule(one.facility_id, scope.current().on_date).value)
        if then == "out":
            end([one], "declined" if kind == "decline" else "expired", "no_answer" if kind == "expire" else "")
            continue
        give_back(one)
        writing.back(one, kind, **facts)
        publish(OfferEnded(one.id, one.facility_id, one.child_id, kind), place=one.facility_id)


def expire_offers(on: date, limit: int = 200) -> int:
    """End offers nobody answered in time and accepted places whose papers never came; the nightly job calls it as the system."""
    require("enrollment.application.withdraw")
    due = (Application.answer_by < on, Application.state.in_(("offered", "accepted")))
    ids = sa.select(Application.facility_id, Application.id).where(*due).order_by(Application.facility_id, Application.id).limit(limit)
    found = db.session.execute(ids).all()
    for facility_id in sorted({row.facility_id for row in found}):
        writing.lock("list", facility_id)
    rows = db.session.scalars(  # again, now that nobody else changes them
        sa.select(Application).where(Application.id.in_([row.id for row in found]), *due).order_by(Application.facility_id, Application.id)
    ).all()
    unanswered([row for row in rows if row.state == "offered"], "expire")
    end([row for row in rows if row.state == "accepted"], "expired", "documents_missing")
    return len(found)
