"""The district's part of a centre's data: registering, correcting, publishing, status (S1-207, S2-43)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, i18n, require, scope, tree
from modules.facilities import words
from modules.facilities.models import Facility, StatusChange
from modules.facilities.models.facility import STATUSES

#: Letters and digits nobody confuses on the telephone.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: Fields the district may correct by hand; capacity changes only by request and approval (S1-113).
EDITABLE = (
    "name", "kind", "address", "postcode", "phone", "fax", "homepage", "lat", "lon", "licensed_on",
    "rooms", "room_area_m2", "total_area_m2", "playgrounds", "cctv", "staff_count", "bus", "operator",
)  # fmt: skip


class BadStatus(Refusal):
    """A status step that makes no sense."""

    code: ClassVar[str] = "facility.bad-status"


class NotEditable(Refusal):
    """A field that nobody may change this way."""

    code: ClassVar[str] = "facility.not-editable"


def new_codes(count: int) -> list[str]:
    """Short codes for new facilities (`F-…`): random, so that they tell nothing and cannot be guessed in a row."""
    return ["F-" + "".join(secrets.choice(_ALPHABET) for _n in range(8)) for _m in range(count)]


def search_text(name: str, address: str) -> str:
    """What the public search looks into: name and address folded for all scripts, then the name's initial consonants."""
    return f"{i18n.search_key(name)} {i18n.search_key(address)} {i18n.initials_key(name)}"


def register(*, region_no: int, name: str, kind: str, **facts: Any) -> Facility:
    """Register a new centre in a district; it is published only when its account was issued (S1-207)."""
    require("facilities.facility.create", at=region_no)
    _only(facts, (*EDITABLE, "capacity", "enrolled", "status", "register", "register_no"))
    number = tree.allot(region_no)[0]
    code = new_codes(1)[0]
    facility = Facility(
        id=number, region_no=region_no, code=code, name=name, kind=kind, published=False, source="staff",
        register=facts.pop("register", "dolbom"), register_no=facts.pop("register_no", code),
        status=facts.pop("status", "open"), search_text=search_text(name, facts.get("address", "")),
        name_sort=i18n.sort_key(name), **facts,
    )  # fmt: skip
    db.session.add(facility)
    db.session.flush()
    db.session.add(
        StatusChange(
            facility_id=number, status=facility.status, from_day=facility.licensed_on, source="staff"
        )
    )
    db.session.flush()
    return facility


def edit(facility: Facility, **facts: Any) -> Facility:
    """Correct the register's facts about a centre; search and sort keys follow."""
    require("facilities.facility.update", at=facility.id)
    _only(facts, EDITABLE)
    for field, value in facts.items():
        setattr(facility, field, value)
    facility.search_text = search_text(facility.name, facility.address)
    facility.name_sort = i18n.sort_key(facility.name)
    facility.changed_at = sa.func.clock_timestamp()
    db.session.flush()
    return facility


def publish(facility: Facility, *, on: bool) -> None:
    """Show the centre to the public, or take it off; the record stays."""
    require("facilities.facility.publish", at=facility.id)
    facility.published = on
    facility.changed_at = sa.func.clock_timestamp()
    db.session.flush()


def change_status(facility: Facility, status: str, from_day: date, reason: str) -> StatusChange:
    """Open, pause, reopen or close a centre from a day; the step stays in its history (rulebook 1a.1)."""
    require("facilities.facility.update", at=facility.id)
    if status not in STATUSES or status == facility.status:
        raise BadStatus(
            _(
                "The status is “%(status)s” already, or that status does not exist.",
                status=str(words.STATUSES[facility.status][1]),
            )
        )
    if facility.status == "closed" and status != "reopened":
        raise BadStatus(_("A closed centre can only be reopened: choose «reopened», or register a new one."))
    if facility.licensed_on and from_day < facility.licensed_on:
        raise BadStatus(
            _("The centre was licensed on %(day)s: choose that day or a later one.", day=facility.licensed_on)
        )
    facility.status = status
    facility.paused_from = from_day if status == "paused" else facility.paused_from
    facility.closed_on = from_day if status == "closed" else None
    facility.changed_at = sa.func.clock_timestamp()
    step = StatusChange(
        facility_id=facility.id, status=status, from_day=from_day, source=scope.current().actor, reason=reason
    )
    db.session.add(step)
    db.session.flush()
    return step


def _only(facts: Iterable[str], allowed: tuple[str, ...]) -> None:
    wrong = sorted(set(facts) - set(allowed))
    if wrong:
        raise NotEditable(
            _(
                "%(fields)s cannot be changed here. Places change by request and approval.",
                fields=", ".join(wrong),
            )
        )
