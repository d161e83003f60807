"""What a centre offers, each part kept by the one who knows it (S2-43): hours, closing days and services.

The district says which services a centre is there for; the centre says how they stand, when it is open and when not.
Every change carries a reason, which stands in the history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, time
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, because, db, require, scope
from modules.facilities import words
from modules.facilities.models import ClosingDay, Facility, OpeningHours, Service
from modules.facilities.models.offer import SEASONS

STANDINGS = ("offered", "full", "paused")
MAX_CLOSING_DAYS = 100
MAX_MEALS = 5


class BadOffer(Refusal):
    """Hours, services, closing days or texts that cannot be."""

    code: ClassVar[str] = "facility.bad-offer"


def designate(facility: Facility, services: Collection[str], reason: str) -> None:
    """The district says which services a centre offers; new ones start as offered, those left out end (S2-24)."""
    require("facilities.offer.designate", at=facility.id)
    wrong = sorted(set(services) - set(words.SERVICES))
    if wrong:
        raise BadOffer(_("There is no service %(name)s: choose from the list.", name=", ".join(wrong)))
    _begin(facility, reason)
    there = {row.service: row for row in facility.services}
    for name in set(there) - set(services):
        db.session.delete(there[name])
    db.session.add_all(
        Service(facility_id=facility.id, service=name, standing="offered")
        for name in sorted(set(services) - set(there))
    )
    db.session.flush()
    db.session.expire(facility, ["services"])


def set_standings(facility: Facility, standings: Mapping[str, str], reason: str) -> None:
    """The centre says how its services stand: offered, full or paused (S2-24)."""
    require("facilities.offer.standing", at=facility.id)
    there = {row.service: row for row in facility.services}
    strange = sorted(set(standings) - set(there))
    if strange:
        raise BadOffer(
            _("The centre does not offer %(name)s: the district adds a service.", name=", ".join(strange))
        )
    wrong = sorted(set(standings.values()) - set(STANDINGS))
    if wrong:
        raise BadOffer(_("A service is offered, full or paused, not %(word)s.", word=", ".join(wrong)))
    _begin(facility, reason)
    for name, standing in standings.items():
        there[name].standing = standing
    db.session.flush()


def set_hours(
    facility: Facility, season: str, hours: Iterable[tuple[int, time, time, int, int]], reason: str
) -> None:
    """Set the hours of one season as (weekday 1–7, opens, closes, meals, snacks); other weekdays are closed (S1-118)."""
    require("facilities.offer.hours", at=facility.id)
    if season not in SEASONS:
        raise BadOffer(_("Hours hold in term, in vacation or all year, not in %(season)s.", season=season))
    rows = list(hours)
    for weekday, opens, closes, meals, snacks in rows:
        if not 1 <= weekday <= 7 or opens >= closes:
            raise BadOffer(_("Check the hours of day %(day)s: a centre closes after it opens.", day=weekday))
        if not 0 <= meals <= MAX_MEALS or not 0 <= snacks <= MAX_MEALS:
            raise BadOffer(
                _("Check day %(day)s: from 0 to %(most)s meals and snacks.", day=weekday, most=MAX_MEALS)
            )
    if len({row[0] for row in rows}) != len(rows):
        raise BadOffer(_("A weekday stands twice: give each day one pair of hours."))
    _begin(facility, reason)
    there = {row.weekday: row for row in facility.hours if row.season == season}
    for weekday, opens, closes, meals, snacks in rows:
        row = there.pop(weekday, None) or OpeningHours(
            facility_id=facility.id, season=season, weekday=weekday
        )
        row.opens, row.closes, row.meals, row.snacks = opens, closes, meals, snacks
        db.session.add(row)
    for row in there.values():
        db.session.delete(row)
    db.session.flush()
    db.session.expire(facility, ["hours"])


def close_on(facility: Facility, day: date, reason: str) -> None:
    """Close the centre on a day at its own discretion, with the reason parents will read (S1-080)."""
    require("facilities.offer.closing", at=facility.id)
    if not reason.strip():
        raise BadOffer(_("Parents need a reason for a closing day: write one line."))
    if day < scope.current().on_date:
        raise BadOffer(_("%(day)s is over: choose today or a later day.", day=day))
    if any(row.day == day for row in facility.closing_days):
        raise BadOffer(_("%(day)s is a closing day already.", day=day))
    if sum(row.day >= scope.current().on_date for row in facility.closing_days) >= MAX_CLOSING_DAYS:
        raise BadOffer(
            _(
                "There are %(most)s closing days ahead: take one back before adding another.",
                most=MAX_CLOSING_DAYS,
            )
        )
    _begin(facility, reason)
    db.session.add(ClosingDay(facility_id=facility.id, day=day, reason=reason.strip()))
    db.session.flush()
    db.session.expire(facility, ["closing_days"])


def open_on_again(facility: Facility, day: date, reason: str) -> None:
    """Take a closing day back."""
    require("facilities.offer.closing", at=facility.id)
    row = next((row for row in facility.closing_days if row.day == day), None)
    if row is None:
        raise BadOffer(_("%(day)s is not a closing day.", day=day))
    _begin(facility, reason)
    db.session.delete(row)
    db.session.flush()
    db.session.expire(facility, ["closing_days"])


def _begin(facility: Facility, reason: str) -> None:
    """Put the reason on record and mark the centre as changed, so that open data is written anew."""
    because(reason)
    facility.changed_at = sa.func.clock_timestamp()
