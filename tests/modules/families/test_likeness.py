"""Records of two families that may be one child: found when entered, seen by their officers alone, decided once."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "core"))

import people
from browsing import Browser

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.jobs.delivery import drain
from core.security import scope as scopes
from core.security.reasons import NoReason
from core.testing import count_queries
from modules.families import rules
from modules.families.models import Child, Family, Likeness
from modules.families.services import add_child, born, correct_child, found, register_child
from modules.families.services.counter import Desk
from modules.families.services.likeness import Decided, look_for, pairs, they_are_two

BORN = date(2024, 5, 4)
DAYS = st.dates(date(2023, 1, 1), date(2026, 1, 1))
NAMES = st.sampled_from(["박서연", "Park Seo-yeon", "이하은", "Anna Nowak", "Ana Nowak", "—"])


@pytest.fixture
def entered(parent, being, world):
    """A family enters a child: gives the child's number."""

    def enter(name="박서연", born_on=BORN, *, guardian="김지영", phone="010-1234-5678", place=None, expected_on=None):
        place = place or world.district
        with being(parent(guardian, place), place):
            number = found(name=guardian, relation_to_child="mother", phone=phone)
            child = add_child(db.session.get_one(Family, number), name=name, born_on=born_on, expected_on=expected_on).id
            db.session.commit()
        drain()
        return child

    return enter


def noted():
    with scopes.system("look at what a test did"):
        rows = db.session.execute(sa.select(Likeness.first_id, Likeness.second_id, Likeness.strength).order_by(Likeness.id))
        return [tuple(row) for row in rows]


@pytest.fixture
def pair(entered, acting, world):
    """A pair of the first district; gives its number."""
    entered()
    entered(guardian="박민수", phone="010-2222-3333")
    with acting("district_officer", world.district):
        return pairs()[0].likeness.id


def test_a_child_of_the_counter_entered_again_online_is_noticed(acting, entered, world):
    here = world.facilities[0]
    with acting("front_desk", here):
        first = register_child(Desk("박서연", BORN, None, "김지영", "mother", "010-1234-5678"), facility_id=here)
    drain()
    second = entered("Park Seo-yeon", phone="+82 10 1234 5678", guardian="Kim Jiyoung")
    assert noted() == [(first, second, 2)]


def test_once_by_each_parent_is_noticed_without_a_common_contact(entered):
    first, second = entered(), entered(guardian="박민수", phone="010-2222-3333")
    assert noted() == [(first, second, 1)]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "이하은", "guardian": "박민수", "phone": ""},
        {"born_on": date(2024, 5, 5), "guardian": "박민수", "phone": ""},
        {"name": "이하은"},  # one telephone, two children
    ],
)
def test_other_children_are_not(entered, other):
    entered()
    entered(**other)
    assert noted() == []


def test_twins_of_one_family_are_not(being, parent):
    with being(parent()):
        family = db.session.get_one(Family, found(name="김지영", relation_to_child="mother"))
        for name in ("박서연", "박서윤"):
            add_child(family, name=name, born_on=BORN, multiple=True)
        db.session.commit()
    drain()
    assert noted() == []


def test_an_unborn_child_is_noticed_by_its_guardian_and_again_at_its_birth(entered, being):
    soon = date(2026, 6, 1)
    first = entered("", None, expected_on=soon, phone="010-1111-2222")
    entered("", None, expected_on=soon, guardian="이수진", phone="010-3333-4444")  # another mother of that month
    assert noted() == []
    again = entered("", None, expected_on=soon + timedelta(days=20), guardian="Kim", phone="+82-10-1111-2222")
    assert noted() == [(first, again, 2)]


@pytest.fixture
def father(parent, being):
    """`father(**facts)` enters a child as another family; gives (account, child)."""

    def enter(**facts):
        account = parent("박민수")
        with being(account):
            number = found(name="박민수", relation_to_child="father", phone="010-2222-3333")
            child = add_child(db.session.get_one(Family, number), **facts).id
            db.session.commit()
        drain()
        return account, child

    return enter


def test_a_correction_looks_again(entered, father, being):
    first = entered()
    account, second = father(name="박서", born_on=BORN)
    assert noted() == []
    with being(account):
        correct_child(db.session.get_one(Child, second), name="박서연", born_on=BORN)
        db.session.commit()
    drain()
    assert noted() == [(first, second, 1)]


def test_a_birth_looks_again(entered, father, being):
    day = date(2026, 2, 20)
    first = entered(born_on=day)
    account, second = father(name="", expected_on=date(2026, 3, 10))
    assert noted() == []
    with being(account):
        born(db.session.get_one(Child, second), name="박서연", born_on=day)
        db.session.commit()
    drain()
    assert noted() == [(first, second, 1)]


@pytest.mark.parametrize("phone", ["010-1234-5678", "010-9999-8888"])
def test_another_city_is_another_child(entered, world, phone):
    """The other city comes first: the look starts in the one where the module is on."""
    far = entered(place=world.far_district)
    near = entered(phone=phone)
    assert noted() == []
    with scopes.system("look from both sides"):
        assert [look_for(number) for number in (far, near)] == [0, 0]
    entered(guardian="박민수", phone="010-2222-3333")  # the control: in the city it is noticed
    assert len(noted()) == 1


def test_only_officers_of_both_records_see_the_pair(pair, entered, acting, world):
    for place in (world.other_district, world.far_district):
        with acting("district_officer", place):
            assert pairs() == []
            with pytest.raises(NotFound):
                they_are_two(pair, reason="asked")
    with acting("city_officer", world.city):
        assert [one.likeness.id for one in pairs()] == [pair]
    for role, place in (("front_desk", world.facilities[0]), ("director", world.facilities[0])):
        with acting(role, place), pytest.raises(Forbidden):
            pairs()


def test_records_of_two_districts_are_for_the_city_alone(entered, acting, world):
    first, second = entered(), entered(place=world.other_district)
    assert noted() == [(first, second, 2)]
    for place in (world.district, world.other_district):
        with acting("district_officer", place):
            assert pairs() == []
            assert db.session.scalars(sa.select(Likeness.id)).all() == []  # the wall, not only the page
    with acting("city_officer", world.city):
        (one,) = pairs()
        assert [side.child.id for side in one.sides] == [first, second]
        they_are_two(one.likeness.id, reason="two children, asked both families")
        db.session.commit()
        assert pairs() == []


def test_two_children_are_remembered_and_never_asked_about_again(pair, acting, world):
    officer = acting("district_officer", world.district)
    with officer:
        with pytest.raises(NoReason):
            they_are_two(pair, reason="  ")
        they_are_two(pair, reason="cousins of one name")
        db.session.commit()
        assert pairs() == []
        with pytest.raises(Decided):
            they_are_two(pair, reason="again")
    with scopes.system("look again"):
        for number in db.session.scalars(sa.select(Child.id)).all():
            assert look_for(number) == 0
        db.session.commit()
        one = db.session.get_one(Likeness, pair)
        assert (one.state, one.reason) == ("two", "cousins of one name")
    assert len(noted()) == 1


def test_contacts_are_masked(entered, acting, world):
    entered()
    entered(guardian="박민수", phone="010-2222-3333")
    with acting("district_officer", world.district):
        shown = [contacts for side in pairs()[0].sides for _one, contacts in side.guardians]
    assert shown == [("•••5678",), ("•••3333",)]


def test_more_pairs_ask_no_more_questions(entered, acting, world):
    entered()
    entered(guardian="박민수", phone="010-2222-3333")
    with acting("district_officer", world.district), count_queries() as few:
        assert len(pairs()) == 1
    entered(guardian="최수진", phone="010-4444-5555")
    with acting("district_officer", world.district), count_queries() as many:
        assert len(pairs()) == 3
    assert len(many) == len(few) > 0


@given(NAMES, NAMES, DAYS, DAYS, st.booleans(), st.booleans())
def test_likeness_never_depends_on_the_order_and_a_guardian_never_weakens_it(one, other, day, then, unborn, agree):
    first = rules.Known(one, None if unborn else day, day if unborn else None, False)
    second = rules.Known(other, then, None, False)
    forth = rules.likeness(first, second, guardians_agree=agree)
    assert forth == rules.likeness(second, first, guardians_agree=agree)
    assert rules.likeness(first, second, guardians_agree=True) >= forth
    if not unborn and day != then:
        assert forth == 0


def test_the_officer_sees_both_records_and_decides(app, pair, world):
    people.make("officer", "district_officer", world.district)
    officer = Browser(app)
    assert officer.enter("officer").status_code == 302
    page = officer.get("/office/families/likeness/").text
    assert "박민수" in page
    assert "010-2222-3333" not in page
    refused = officer.post(f"/office/families/likeness/{pair}/two", data={"reason": ""})
    assert refused.status_code == 422
    assert "Say why" in refused.text
    assert officer.post(f"/office/families/likeness/{pair}/two", data={"reason": "cousins"}).status_code == 302
    page = officer.get("/office/families/likeness/").text
    assert "Nobody is asked about these two again" in page
    assert "No two records look like one child" in page
    desk = Browser(app)
    people.make("desk", "front_desk", world.facilities[0])
    assert desk.enter("desk").status_code == 302
    assert desk.get("/office/families/likeness/").status_code == 403
