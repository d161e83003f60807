"""Places of classes: how many there are, which are free, and a free one opened to be filled (S2-02, S1-112)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, ngettext, require, scope
from modules.enrollment import rules
from modules.enrollment.models import ClassGroup, Entry, Vacancy
from modules.enrollment.services import writing
from modules.facilities import api as facilities
from modules.transparency import api as log

#: A centre has at most so many classes and open vacancies on a page.
MOST = 100


class BadPlaces(Refusal):
    """Places that the centre has not, or that somebody has already."""

    code: ClassVar[str] = "enrollment.bad-places"


def set_places(facility_id: int, year: int, class_age: int, *, places: int, held: int) -> int:
    """Say how many places a class has in a school year and how many were taken before the system; gives its number. Commits."""
    require("enrollment.place.set", at=facility_id)
    centre = facilities.centre(facility_id)
    if centre is None:
        raise NotFound(_("There is no such centre here."))
    if not (0 <= held <= places and 0 <= class_age <= rules.OLDEST_CLASS):
        raise BadPlaces(_("Give the places of the class, and of these the ones that are taken already."))
    with scope.system("a centre says how many places its classes have"):
        writing.lock("list", facility_id)
        others = db.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(ClassGroup.places), 0)).where(
                ClassGroup.facility_id == facility_id, ClassGroup.year == year, ClassGroup.class_age != class_age
            )
        )  # fmt: skip
        approved = facilities.capacity(facility_id)
        if approved is not None and (others or 0) + places > approved:
            raise BadPlaces(
                ngettext(
                    "The centre is approved for %(num)s place in all classes together: ask the district for more first.",
                    "The centre is approved for %(num)s places in all classes together: ask the district for more first.",
                    approved,
                )
            )
        group = class_of(facility_id, year, class_age) or ClassGroup(facility_id=facility_id, year=year, class_age=class_age, taken=0)
        if held + group.taken > places:
            raise BadPlaces(
                ngettext(
                    "%(num)s place is taken or being offered already: that many stay.",
                    "%(num)s places are taken or being offered already: that many stay.",
                    held + group.taken,
                )
            )
        group.places, group.held = places, held
        db.session.add(group)
        db.session.flush()
        log.append(
            "capacity", facility_id, list=list_of(centre.code, group), places=places - held, on=scope.current().on_date.isoformat()
        )
        number = int(group.id)
        db.session.commit()
    return number


def list_of(code: str, group: ClassGroup) -> str:
    """The list from which places of a class are filled: its own for a year to come, the rolling one for this year."""
    return f"{code}/{rules.list_name(group.class_age, rules.year_begins(group.year), scope.current().on_date)}"


def class_of(facility_id: int, year: int, class_age: int) -> ClassGroup | None:
    """One class of a school year; internal, places are public."""
    return db.session.scalar(
        sa.select(ClassGroup).where(
            ClassGroup.facility_id == facility_id, ClassGroup.year == year, ClassGroup.class_age == class_age
        )
    )  # fmt: skip


def group_of(number: int) -> ClassGroup:
    """A class by its number, or `NotFound`; places are public."""
    require("enrollment.place.read")
    found = db.session.get(ClassGroup, number)
    if found is None:
        raise NotFound(_("There is no such class here."))
    return found


def classes(facility_id: int) -> list[ClassGroup]:
    """The classes of this school year and later ones; places are public."""
    require("enrollment.place.read")
    year = rules.school_year(scope.current().on_date)
    query = sa.select(ClassGroup).where(ClassGroup.facility_id == facility_id, ClassGroup.year >= year)
    return list(db.session.scalars(query.order_by(ClassGroup.year, ClassGroup.class_age).limit(MOST)))


def vacancies(facility_id: int) -> list[Vacancy]:
    """The places of a centre that are being filled, the oldest first."""
    require("enrollment.place.read")
    query = sa.select(Vacancy).where(Vacancy.facility_id == facility_id, Vacancy.state.in_(("open", "offered", "accepted")))
    return list(db.session.scalars(query.order_by(Vacancy.id).limit(MOST)))


def waiting_by_list(facility_id: int) -> dict[str, int]:
    """How many wait in each list of a centre; lists are public."""
    require("enrollment.place.read")
    rows = db.session.execute(
        sa.select(Entry.list_name, sa.func.count())
        .where(Entry.facility_id == facility_id, Entry.state == "waiting")
        .group_by(Entry.list_name)
        .order_by(Entry.list_name)
        .limit(MOST)
    )
    return {row[0]: row[1] for row in rows}


def open_vacancy(class_group_id: int, starts_on: date) -> int:
    """Begin to fill a free place of a class from a day on; gives its number. Commits. Raises `BadPlaces` when none is free."""
    group = group_of(class_group_id)
    require("enrollment.place.fill", at=group.facility_id)
    today = scope.current().on_date
    if starts_on < today or rules.school_year(starts_on) != group.year:
        raise BadPlaces(_("Choose a day from today on, within the school year of the class."))
    centre = facilities.centre(group.facility_id)
    assert centre is not None  # the foreign key demands it
    with scope.system("a centre fills a free place"):
        writing.lock("list", centre.id)
        free = db.session.get_one(ClassGroup, class_group_id, with_for_update=True).free
        if free < 1:
            raise BadPlaces(_("No place of this class is free. Set more places, or wait until one is given back."))
        vacancy = Vacancy(
            facility_id=centre.id, class_group_id=class_group_id, list_name=list_of(centre.code, group), starts_on=starts_on
        )
        db.session.add(vacancy)
        db.session.flush()
        number = int(vacancy.id)
        db.session.commit()
    return number


def close_vacancy(number: int) -> None:
    """Fill a place no longer; only while nobody is offered it. Commits."""
    found = vacancy_of(number)
    require("enrollment.place.fill", at=found.facility_id)
    with scope.system("a centre no longer fills a place"):
        writing.lock("list", found.facility_id)
        mine = db.session.get_one(Vacancy, number, with_for_update=True)
        if mine.state != "open":
            raise BadPlaces(_("A family is being offered this place, or has it."))
        mine.state = "closed"
        db.session.commit()


def vacancy_of(number: int) -> Vacancy:
    """A vacancy, or `NotFound`."""
    require("enrollment.place.read")
    found = db.session.get(Vacancy, number)
    if found is None:
        raise NotFound(_("There is no such free place here."))
    return found
