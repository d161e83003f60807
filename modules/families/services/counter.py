"""A family at the counter: found if it is registered, registered on the spot if not (S1-218, S1-219, F-57)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, atlas, db, require, scope
from modules.families.models import Child, Family, Guardian
from modules.families.services import persons
from modules.families.services.children import KnownChild, enter
from modules.families.services.cities import city
from modules.families.services.founding import relation
from modules.families.services.sharing import share

#: Last digits of the telephone that prove one stands before the family.
DIGITS = 4
#: Why a centre sees a child it registered, until the family applies or the day is over (policy of retention).
PURPOSE = "counter"


class NeedsPhone(Refusal):
    """A family without any way to be reached."""

    code: ClassVar[str] = "family.needs-contact"
    http: ClassVar[int] = 422


@dataclass(frozen=True)
class Desk:
    """A child and its guardian as the family tells them at the counter."""

    name: str
    born_on: date | None
    expected_on: date | None
    guardian: str
    relation: str
    phone: str
    email: str = ""
    postal: str = ""
    language: str = "en"
    multiple: bool = False


def find_registered(*, name: str, born_on: date, phone_ending: str, facility_id: int) -> int | None:
    """The number of a registered child by name, birthday and the last digits of a guardian's telephone.

    All three must fit, so nobody browses children; a find is shared with the centre and stands in the history.
    """
    require("families.child.register", at=facility_id)
    called, digits = persons.name(name), "".join(filter(str.isdigit, phone_ending))
    if len(digits) < DIGITS:
        raise NeedsPhone(_("Enter the last %(count)s digits of the guardian's telephone.", count=DIGITS))
    around = city(facility_id)
    with scope.system("a family is looked for at the counter"):
        row = db.session.execute(
            sa.select(Child.id, Child.family_id)
            .join(Guardian, Guardian.family_id == Child.family_id)
            .where(
                Child.born_on == born_on, Child.name == called, Child.region_no.between(*around),
                Guardian.barred_on.is_(None),
                sa.func.regexp_replace(Guardian.phone, "[^0-9]", "", "g").like(f"%{digits[-DIGITS:]}"),
            )
            .limit(1)
        ).one_or_none()  # fmt: skip
        if row is not None:
            share(row.id, row.family_id, facility_id, PURPOSE)
            db.session.commit()
    return row.id if row is not None else None


def register_child(desk: Desk, *, facility_id: int, family_of: int | None = None) -> int:
    """Enter a child for a family at the counter; gives its number. With `family_of` it is a sibling of that child. Commits.

    The family has the same rights as one that entered it itself, and the centre sees the child from now on.
    """
    require("families.child.register", at=facility_id)
    sibling = None
    if family_of is not None:
        sibling = db.session.get(Child, family_of)
        if sibling is None:
            raise KnownChild(_("The brother or sister is not registered here: look for the child first."))
    family_id = sibling.family_id if sibling else None
    facts = {
        "name": persons.name(desk.guardian), "relation": relation(desk.relation), "phone": persons.phone(desk.phone, facility_id),
        "email": persons.email(desk.email), "postal": persons.text(desk.postal), "language": desk.language,
    }  # fmt: skip
    if not (facts["phone"] or facts["email"] or facts["postal"]):
        raise NeedsPhone(_("Enter a telephone number, an e-mail address or a postal address, so that the family gets its answer."))
    district = atlas().region_of(facility_id)
    assert district is not None
    if family_id is None and desk.born_on is not None and desk.phone:
        there = find_registered(
            name=desk.name, born_on=desk.born_on, phone_ending=desk.phone, facility_id=facility_id
        )
        if there is not None:
            raise KnownChild(_("This child is registered already: open it from the search."))
    with scope.system("a family was registered at the counter"):
        if family_id is None:
            family = Family(region_no=district.no)
            db.session.add(family)
            db.session.flush()
            db.session.add(Guardian(family_id=family.id, region_no=district.no, **facts))
        else:
            family = db.session.get_one(Family, family_id)
        child = enter(
            family, desk.name, desk.born_on, desk.expected_on, multiple=desk.multiple, by="counter"
        )
        share(child.id, family.id, facility_id, PURPOSE)
        number = child.id
        db.session.commit()
    return int(number)
