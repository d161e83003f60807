"""A family a centre registered at its counter, found by its guardian through a contact they confirmed, and taken over (S1-219)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, addresses, contacts, db, publish, require, scope
from modules.families import rules, words
from modules.families.events import GuardianJoined
from modules.families.models import Child, Family, Guardian, Membership, Sharing
from modules.families.services.cities import city
from modules.families.services.dissolving import dissolve_into, own_is_empty
from modules.families.services.reaching import LOOKED_AT, reached_by, values

#: So many families of one telephone are looked at; more is a number of an office, not of a parent.
MOST = 5


class NotYours(Refusal):
    """The guardian is not the person who asks, or somebody else is it already; both look alike from outside."""

    code: ClassVar[str] = "family.not-yours"
    http: ClassVar[int] = 404


@dataclass(frozen=True)
class Offer:
    """A family of the counter somebody may be the guardian of: names by halves, and the centre that saw it first."""

    guardian_id: int
    family_id: int
    children: tuple[str, ...]
    facility_id: int | None


@dataclass(frozen=True)
class Found:
    """What a person's own family page says about families of the counter."""

    offers: tuple[Offer, ...]
    #: Without a confirmed contact nothing is looked for.
    confirmed: bool
    #: Whether a click is enough: an own family with children is joined by the district.
    by_click: bool = True


def offers() -> Found:
    """Families entered at a counter of the person's city whose guardian has a contact this person confirmed.

    Who merely typed the number finds nothing: only a contact confirmed by its code counts.
    """
    require("families.family.found")
    who = scope.current()
    if who.account_id is None or who.place is None:
        return Found((), confirmed=False)
    with scope.system("whether a counter entered the family of this person"):
        own = contacts.of_many([who.account_id]).get(who.account_id, [])
        found = _offered(_candidates(own, who.place, who.account_id))
        by_click = not found or own_is_empty(who.account_id)
    return Found(found, confirmed=bool(own), by_click=by_click)


def take_over(guardian_id: int) -> int:
    """The person signed in becomes the guardian a counter entered; gives the family. An own family without children goes.

    Raises `NotYours`, `TwoFamilies`. Commits.
    """
    require("families.family.found")
    who = scope.current()
    if who.account_id is None or who.place is None:
        raise NotYours(_("Sign in as a parent or guardian first."))
    with scope.system("a guardian takes over what a counter entered"):
        # The same lock as founding: no second tab begins a family meanwhile.
        db.session.execute(sa.text("select pg_advisory_xact_lock(hashtext(:key))"), {"key": f"family:{who.account_id}"})
        family_id = db.session.scalar(sa.select(Guardian.family_id).where(Guardian.id == guardian_id))
        # Two persons may share one telephone: the first of them is the guardian, the other one waits here and is refused.
        db.session.execute(sa.select(Family.id).where(Family.id == family_id).with_for_update())
        own = contacts.of_many([who.account_id]).get(who.account_id, [])
        guardian = next((one for one in _candidates(own, who.place, who.account_id) if one.id == guardian_id), None)
        if guardian is None and _is_already(guardian_id, who.account_id):
            return int(family_id or 0)  # a second click
        if guardian is None:
            raise NotYours(_("This family is not offered to you any more. Ask the centre that entered it for a link."))
        dissolve_into(guardian, who.account_id)
        db.session.add(
            Membership(
                family_id=guardian.family_id, guardian_id=guardian.id, account_id=who.account_id,
                region_no=guardian.region_no, since=who.on_date,
            )
        )  # fmt: skip
        db.session.flush()
        number = int(guardian.family_id)
        publish(GuardianJoined(number, guardian.id), place=guardian.region_no)
        db.session.commit()
    return number


def _is_already(guardian_id: int, account_id: int) -> bool:
    """Whether the person is this guardian by now."""
    query = sa.select(Membership.id).where(
        Membership.guardian_id == guardian_id, Membership.account_id == account_id, Membership.ends_on.is_(None)
    )
    return db.session.scalar(query.limit(1)) is not None


def _candidates(own: Sequence[addresses.Address], place: int, account_id: int) -> list[Guardian]:
    """Guardians of families nobody acts for yet that a confirmed contact leads to; one a family."""
    taken = sa.exists().where(Membership.family_id == Guardian.family_id, Membership.ends_on.is_(None))
    counter = sa.exists().where(Child.family_id == Guardian.family_id, Child.registered_by == "counter")
    mine = {one.value for one in own}
    fitting = [one for one in reached_by(mine, city(place), counter, ~taken) if values(one) & mine]
    refused = {one.family_id for one in fitting if one.barred_on is not None} | _barred_from(account_id)
    first: dict[int, Guardian] = {}
    for one in fitting:
        # Whom a court barred may know the other guardian's telephone, or share it: such families go by a link only.
        if one.family_id not in refused:
            first.setdefault(one.family_id, one)
    return list(first.values())[:MOST]


def _barred_from(account_id: int) -> set[int]:
    """Families in which a court took this person's rights away."""
    query = (
        sa.select(Membership.family_id)
        .join(Guardian, Guardian.id == Membership.guardian_id)
        .where(Membership.account_id == account_id, Guardian.barred_on.is_not(None))
        .limit(LOOKED_AT)
    )
    return set(db.session.scalars(query))


def _offered(found: Sequence[Guardian]) -> tuple[Offer, ...]:
    families = [one.family_id for one in found]
    children: dict[int, list[str]] = {}
    for child in db.session.scalars(sa.select(Child).where(Child.family_id.in_(families)).order_by(Child.id).limit(LOOKED_AT)):
        children.setdefault(child.family_id, []).append(_by_halves(child))
    centres: dict[int, int] = {}
    rows = db.session.execute(
        sa.select(Sharing.family_id, Sharing.facility_id).where(Sharing.family_id.in_(families)).order_by(Sharing.id).limit(LOOKED_AT)
    )
    for family_id, facility_id in rows:
        centres.setdefault(family_id, facility_id)
    return tuple(
        Offer(one.id, one.family_id, tuple(children.get(one.family_id, ())), centres.get(one.family_id)) for one in found
    )


def _by_halves(child: Child) -> str:
    unborn = child.born_on is None and child.name == words.NO_NAME
    return words.called(child.name) if unborn else rules.masked(child.name)
