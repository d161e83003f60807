"""Children as their family enters them: each once, unborn ones with the day they are expected (rulebook 1b.6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, i18n, publish, require, scope
from modules.families import rules
from modules.families.events import ChildBorn, ChildEntered
from modules.families.models import Child, Family
from modules.families.services import persons

#: A pregnancy is known for so long at most before the day it is expected to end (days).
LONGEST = 300
#: Nobody older is cared for as a child (years).
OLDEST = 19
MAX_CHILDREN = 20


class BadBirth(Refusal):
    """A birth or an expected date that cannot be."""

    code: ClassVar[str] = "family.bad-birth"
    http: ClassVar[int] = 422


class KnownChild(Refusal):
    """The family has this child already, or one of the same birthday."""

    code: ClassVar[str] = "family.known-child"


def add_child(family: Family, *, name: str, born_on: date | None = None, expected_on: date | None = None,
              multiple: bool = False) -> Child:  # fmt: skip
    """Enter a child of the family; a second record of one child is refused, a twin must be said to be one."""
    require("families.child.create", at=None)
    return enter(family, name, born_on, expected_on, multiple=multiple, by="online")


def enter(family: Family, name: str, born_on: date | None, expected_on: date | None, *, multiple: bool, by: str) -> Child:
    """What entering online and at the counter have in common; internal, the caller asked."""
    _possible(born_on, expected_on)
    if db.session.scalar(sa.select(Family.id).where(Family.id == family.id).with_for_update(key_share=True)) is None:
        raise NotFound(_("Your family was joined with another one meanwhile: open “My family” again."))
    siblings = db.session.scalars(sa.select(Child).where(Child.family_id == family.id).limit(MAX_CHILDREN + 1)).all()
    if len(siblings) >= MAX_CHILDREN:
        raise KnownChild(_("A family has at most %(most)s children here.", most=MAX_CHILDREN))
    new = rules.Known(_name(name, born_on), born_on, expected_on, multiple)
    _once(new, [rules.Known(one.name, one.born_on, one.expected_on, one.multiple) for one in siblings])
    child = Child(
        family_id=family.id, region_no=family.region_no, born_on=born_on, expected_on=expected_on, multiple=multiple,
        registered_by=by, **_named(new.name),
    )  # fmt: skip
    db.session.add(child)
    db.session.flush()
    publish(ChildEntered(child.id, child.family_id), place=child.region_no)
    return child


def correct_child(child: Child, *, name: str, born_on: date | None, multiple: bool | None = None) -> Child:
    """Correct a name or a birthday; what was there stays in the history."""
    require("families.child.update", at=None if _own() else child.region_no)
    if child.born_on and not born_on:
        raise BadBirth(_("This child was born: enter the birthday."))
    if born_on and not child.born_on:
        raise BadBirth(_("Tell the birth of an unborn child with “The child was born”."))
    _possible(born_on, child.expected_on)
    twins = child.multiple if multiple is None else multiple
    others = db.session.scalars(
        sa.select(Child).where(Child.family_id == child.family_id, Child.id != child.id).limit(MAX_CHILDREN)
    ).all()
    new = rules.Known(_name(name, born_on), born_on, child.expected_on, twins)
    _once(new, [rules.Known(one.name, one.born_on, one.expected_on, one.multiple) for one in others])
    child.born_on, child.multiple = born_on, twins
    for field, value in _named(new.name).items():
        setattr(child, field, value)
    db.session.flush()
    publish(ChildEntered(child.id, child.family_id), place=child.region_no)
    return child


def born(child: Child, *, name: str, born_on: date) -> Child:
    """Tell the birth of an unborn child: its applications keep their time (W10)."""
    require("families.child.update", at=None if _own() else child.region_no)
    if child.born_on is not None:
        raise BadBirth(_("This child's birth is known already."))
    _possible(born_on, child.expected_on)
    if child.expected_on and abs((born_on - child.expected_on).days) > LONGEST // 2:
        raise BadBirth(_("This birthday is far from the expected day: correct one of the two, or enter another child."))
    child.born_on = born_on
    for field, value in _named(_name(name, born_on)).items():
        setattr(child, field, value)
    db.session.flush()
    publish(ChildBorn(child.id, child.family_id, born_on), place=child.region_no)
    return child


def child_of(number: int) -> Child:
    """A child one may see, or `NotFound`."""
    require("families.child.read")
    child = db.session.get(Child, number)
    if child is None:
        raise NotFound(_("There is no such child here."))
    return child


def _own() -> bool:
    return scope.current().role == "parent"


def _possible(born_on: date | None, expected_on: date | None) -> None:
    today = scope.current().on_date
    if born_on is None and expected_on is None:
        raise BadBirth(_("Enter the birthday, or the expected day of an unborn child."))
    if born_on and born_on > today:
        raise BadBirth(_("The birthday lies in the future: for an unborn child enter the expected day."))
    if born_on and born_on < date(today.year - OLDEST, 1, 1):
        raise BadBirth(_("This birthday lies too long ago: check the year."))
    if born_on is None and expected_on and expected_on < today:
        raise BadBirth(_("The expected day has passed: enter the birthday."))
    if born_on is None and expected_on and expected_on > today + timedelta(days=LONGEST):
        raise BadBirth(_("The expected day is too far ahead: check the year."))


def _name(typed: str, born_on: date | None) -> str:
    if born_on is None and not typed.strip():
        return "—"  # an unborn child may have no name yet
    return persons.name(typed)


def _named(name: str) -> dict[str, str]:
    return {
        "name": name,
        "name_sort": i18n.sort_key(name),
        "search_text": f"{i18n.search_key(name)} {i18n.initials_key(name)}",
    }


def _once(new: rules.Known, family: list[rules.Known]) -> None:
    double, twin = rules.double_of(new, family), rules.twin_of(new, family)
    if double is not None:
        raise KnownChild(
            _("%(name)s is in the family already. Open that child instead of entering it again.", name=double.name)
            if new.born_on
            else _("An unborn child is in the family already. Say that you expect twins, or open that child.")
        )
    if twin is not None and not new.multiple:
        raise KnownChild(_("%(name)s has the same birthday. Say that they are twins, or correct the day.", name=twin.name))
