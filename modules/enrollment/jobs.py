"""Background work of enrollment: applications of unborn children end when nobody tells the birth; families are told."""

from __future__ import annotations

from datetime import date

from core.sdk import daily, db, job, on
from modules.enrollment.events import (
    ApplicationClosed,
    ApplicationMade,
    ChildAdmitted,
    ClaimDecided,
    EntryPassedOver,
    OfferAccepted,
    OfferEnded,
    PlaceOffered,
)
from modules.enrollment.services import expire_offers, expire_unborn, notices
from modules.enrollment.services.admitting import judge_siblings
from modules.enrollment.services.ruling import announce, judge_by_new
from modules.enrollment.services.turning import turn_year


@job("enrollment.unborn.expire")
@daily(at="00:30")
def applications_expire(on: date) -> None:
    """End applications whose birth nobody told"""
    while expire_unborn(on):  # in bounded bites
        db.session.flush()


@job("enrollment.offers.expire")
@daily(at="00:20")
def offers_expire(on: date) -> None:
    """End offers nobody answered in time"""
    while expire_offers(on):
        db.session.flush()


@job("enrollment.rule.change")
@daily(at="00:40")
def rules_change(on: date) -> None:
    """Announce new rules, then judge by them"""
    while judge_by_new(on):
        db.session.flush()
    after = announce(on)
    while after:
        after = announce(on, after)


@job("enrollment.year.turn")
@daily(at="00:10")
def year_turns(on: date) -> None:
    """Move waiting entries to their new class"""
    while turn_year(on):
        db.session.flush()


@on(PlaceOffered)
def tell_offered(happened: PlaceOffered) -> None:
    """Tell a family that a place is offered"""
    notices.offered(happened)


@on(OfferAccepted)
def tell_accepted(happened: OfferAccepted) -> None:
    """Tell a family which papers come next"""
    notices.accepted(happened)


@on(OfferEnded)
def tell_waits_on(happened: OfferEnded) -> None:
    """Tell a family that it waits on"""
    notices.waits_on(happened)


@on(EntryPassedOver)
def tell_passed_over(happened: EntryPassedOver) -> None:
    """Tell a family why a place went past it"""
    notices.passed_over(happened)


@on(ChildAdmitted)
def look_at_siblings(happened: ChildAdmitted) -> None:
    """Judge waiting brothers and sisters anew"""
    judge_siblings(happened.application_id)


@on(ApplicationMade)
def tell_applied(happened: ApplicationMade) -> None:
    """Tell a family that its application is in"""
    notices.applied(happened)


@on(ChildAdmitted)
def tell_admitted(happened: ChildAdmitted) -> None:
    """Tell a family that its child is admitted"""
    notices.admitted(happened)


@on(ApplicationClosed)
def tell_closed(happened: ApplicationClosed) -> None:
    """Tell a family why its application ended"""
    notices.closed(happened)


@on(ClaimDecided)
def tell_judged(happened: ClaimDecided) -> None:
    """Tell a family whether its evidence counts"""
    notices.judged(happened)
