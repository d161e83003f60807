"""What a family is told of its applications, with the same words its page has: the place, what comes next, who acts (F-52, S2-18)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from core.sdk import db, i18n, page_address, require
from modules.enrollment import words
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
from modules.enrollment.models import Application, Claim
from modules.enrollment.services.order import places
from modules.facilities import api as facilities
from modules.families import api as families


def about(number: int) -> str:
    """How messages name an application."""
    return f"enrollment.application:{number}"


def number_of(name: str) -> int | None:
    """The application behind such a name; None for the name of anything else."""
    kind, _colon, number = name.partition(":")
    return int(number) if kind == "enrollment.application" and number.isdecimal() else None


def applied(happened: ApplicationMade) -> None:
    """The application is in, at which place, and that the family need do nothing now."""
    place = places([happened.application_id]).get(happened.application_id)
    if place is not None:  # it may have ended before this was told
        _tell("enrollment.applied", happened.application_id, {"place": str(place.place), "count": str(place.waiting)})


def admitted(happened: ChildAdmitted) -> None:
    """The child has its place."""
    _tell("enrollment.admitted", happened.application_id, day=True)


def offered(happened: PlaceOffered) -> None:
    """A place is offered, until when, and how to answer."""
    _tell("enrollment.offered", happened.application_id, until=True)


def accepted(happened: OfferAccepted) -> None:
    """The place is theirs; which day the papers are due."""
    _tell("enrollment.accepted", happened.application_id, until=True)


def waits_on(happened: OfferEnded) -> None:
    """The offer ended without the place, and the application waits on behind those of its points."""
    require("messaging.message.send")
    declines = db.session.get_one(Application, happened.application_id).declines
    _tell(f"enrollment.offer_{happened.how}d", happened.application_id, again=f":{declines}")


def passed_over(happened: EntryPassedOver) -> None:
    """A place went past the family, with the reason the centre gave."""
    _tell("enrollment.passed_over", happened.application_id, reason=happened.code, again=f":{happened.code}")


def closed(happened: ApplicationClosed) -> None:
    """An application ended, why, and what can be done; one the family itself took back is confirmed too."""
    if happened.reason not in words.STATES or happened.reason == "left":  # whoever takes a child out knows it
        return
    require("messaging.message.send")
    note = db.session.get_one(Application, happened.application_id).note
    late = happened.reason == "expired" and note != "birth_untold"
    _tell("enrollment.expired_late" if late else f"enrollment.{happened.reason}", happened.application_id, reason=note if late else "")


def judged(happened: ClaimDecided) -> None:
    """The evidence of a circumstance counts, or why not."""
    require("messaging.message.send")
    claim = db.session.get(Claim, happened.claim_id)
    number = db.session.scalar(
        sa.select(Application.id)
        .where(Application.child_id == happened.child_id, Application.facility_id == happened.facility_id)
        .order_by(Application.id.desc())
        .limit(1)
    )
    if claim is None or number is None:
        return
    facts = {} if happened.proven else {"note": happened.note}
    when = claim.decided_at.isoformat() if claim.decided_at else ""
    _tell(
        "enrollment.proven" if happened.proven else "enrollment.not_proven", number, facts, circumstance=claim.code,
        again=f":{claim.id}:{when}",
    )  # fmt: skip


def _tell(
    template: str, number: int, facts: Mapping[str, str] | None = None, *, day: bool = False, circumstance: str = "",
    again: str = "", until: bool = False, reason: str = "",
) -> None:
    """Tell the family; words that differ by language are made in the reader's."""
    require("messaging.message.send")
    found = db.session.get_one(Application, number)
    if until and found.answer_by is None:  # answered, or over, before this was told
        return
    child = families.children([found.child_id])[found.child_id]
    centre = facilities.names([found.facility_id])[found.facility_id]
    link = page_address("enrollment.application", number=number)

    def said() -> Mapping[str, str]:
        more = {"day": i18n.day(found.wanted_from)} if day else {}
        more |= {"until": i18n.day(found.answer_by)} if until and found.answer_by else {}
        more |= {"reason": str(words.REASONS.get(reason, reason))} if reason else {}
        more |= {"what": str(words.circumstance(circumstance))} if circumstance else {}
        return {"child": child.called, "centre": centre, "link": link, **more, **(facts or {})}

    families.tell_family(
        template, found.family_id, said, place=found.facility_id, about=about(number), key=f"{template}:{number}{again}"
    )

