"""Families: founded once, each child once, guardians with their rights, consents and collectors; and every refusal."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.testing import ModuleContract
from modules.families.models import Child, Consent, Family, Guardian, Membership, Sharing
from modules.families.services import (
    add_child,
    bar,
    born,
    consent,
    correct_child,
    correct_guardian,
    find_registered,
    found,
    let_collect,
    mine,
    no_longer_collects,
    record_paper_consent,
    register_child,
    withdraw_consent,
)
from modules.families.services.children import BadBirth, KnownChild
from modules.families.services.collecting import BadCollector, collectors
from modules.families.services.consenting import BadConsent, standing
from modules.families.services.counter import Desk, NeedsPhone
from modules.families.services.founding import BadRelation
from modules.families.services.guarding import BadGuardian
from modules.families.services.persons import BadPerson
from tests.modules.families.conftest import TODAY


class TestFamilies(ModuleContract):
    module = "families"


def test_a_family_is_founded_once(parent, being):
    account = parent()
    with being(account):
        assert mine() is None
        number = found(name=" 김  지영 ", relation_to_child="mother", phone="010-1234-5678")
        assert found(name="김지영", relation_to_child="mother") == number  # a double click
        assert mine().id == number
        assert [one.name for one in mine().guardians] == ["김 지영"]


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"name": " ", "relation_to_child": "mother"}, BadPerson),
        ({"name": "1234", "relation_to_child": "mother"}, BadPerson),
        ({"name": "x" * 101, "relation_to_child": "mother"}, BadPerson),
        ({"name": "A", "relation_to_child": "queen"}, BadRelation),
        ({"name": "A", "relation_to_child": "mother", "phone": "call me"}, BadPerson),
        ({"name": "A", "relation_to_child": "mother", "email": "a@b"}, BadPerson),
    ],
)
def test_a_guardian_needs_a_name_a_relation_and_contacts_that_can_be(parent, being, facts, refused):
    with being(parent()), pytest.raises(refused):
        found(**facts)


def test_staff_found_no_families(acting, world):
    with acting("front_desk", world.facilities[0]), pytest.raises(Forbidden):
        found(name="A", relation_to_child="mother")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": "박서연", "born_on": date(2024, 5, 4)}, "already"),
        ({"name": "Park Seo-yeon", "born_on": date(2024, 5, 4)}, "already"),
        ({"name": "박지호", "born_on": date(2024, 5, 4)}, "twins"),
    ],
)
def test_a_child_is_entered_once_in_any_script(family, being, facts, words):
    account, number, _child = family
    with being(account), pytest.raises(KnownChild, match=words):
        add_child(db.session.get(Family, number), **facts)


def test_twins_are_two(family, being):
    account, number, _child = family
    with being(account):
        twin = add_child(db.session.get(Family, number), name="박지호", born_on=date(2024, 5, 4), multiple=True)
        assert twin.family_id == number


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": "A"}, "birthday, or the expected"),
        ({"name": "A", "born_on": date(2026, 3, 3)}, "future"),
        ({"name": "A", "born_on": date(1990, 1, 1)}, "too long ago"),
        ({"name": "", "expected_on": date(2026, 3, 1)}, "has passed"),
        ({"name": "", "expected_on": date(2027, 3, 1)}, "too far"),
    ],
)
def test_a_birth_must_be_possible(family, being, facts, words):
    account, number, _child = family
    with being(account), pytest.raises(BadBirth, match=words):
        add_child(db.session.get(Family, number), **facts)


def test_an_unborn_child_is_entered_once_and_born(family, being):
    account, number, _child = family
    with being(account):
        ours = db.session.get(Family, number)
        unborn = add_child(ours, name="", expected_on=date(2026, 5, 20))
        with pytest.raises(KnownChild, match="twins"):
            add_child(ours, name="", expected_on=date(2026, 5, 25))
        assert add_child(ours, name="", expected_on=date(2026, 5, 25), multiple=True).id != unborn.id
        with pytest.raises(BadBirth, match="The child was born"):
            correct_child(unborn, name="박하준", born_on=date(2026, 3, 1))
        number = unborn.id
        db.session.commit()
    with being(account, on=date(2026, 5, 30)):
        child = born(db.session.get(Child, number), name="박하준", born_on=date(2026, 5, 18))
        assert (child.name, child.born_on) == ("박하준", date(2026, 5, 18))
        with pytest.raises(BadBirth, match="known already"):
            born(child, name="박하준", born_on=date(2026, 5, 18))
        db.session.commit()


def test_a_birthday_is_corrected_and_never_taken_away(family, being):
    account, _number, child_id = family
    with being(account):
        child = db.session.get(Child, child_id)
        assert correct_child(child, name="박서윤", born_on=date(2024, 5, 5)).name == "박서윤"
        with pytest.raises(BadBirth, match="enter the birthday"):
            correct_child(child, name="박서윤", born_on=None)


def test_a_stranger_sees_and_changes_nothing(family, parent, being):
    _account, number, child_id = family
    with being(parent("Stranger")):
        assert mine() is None
        assert db.session.get(Child, child_id) is None
        for table in ("family", "child", "guardian", "membership", "collector", "consent", "sharing"):
            assert db.session.execute(sa.text(f"select count(*) from families.{table}")).scalar() == 0, table
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
            db.session.execute(
                sa.text("insert into families.child (region_no, family_id, name, name_sort, search_text, born_on) "
                        "values (1, :family, 'x', 'x', 'x', '2024-01-01')"), {"family": number},
            )  # fmt: skip


def test_a_stranger_does_not_enter_a_family(family, parent, being):
    _account, number, child_id = family
    with being(parent("Stranger")) as me, pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        db.session.execute(
            sa.text("insert into families.collector (region_no, family_id, child_id, name, starts_on) "
                    "values (:region, :family, :child, 'x', date '2026-01-01')"),
            {"region": me.place, "family": number, "child": child_id},
        )  # fmt: skip


def test_a_barred_guardian_sees_nothing_any_more(family, parent, being, acting, world):
    account, number, child_id = family
    father = parent("Park")
    with acting("district_officer", world.district):
        mother = db.session.scalar(sa.select(Guardian).where(Guardian.family_id == number))
        with pytest.raises(BadGuardian, match="nobody to act"):
            bar(mother, reason="court 2026/1")
    from core.security import scope as scopes

    with scopes.system("a second guardian of a test"):
        second = Guardian(family_id=number, region_no=world.district, name="박민수", relation="father")
        db.session.add(second)
        db.session.flush()
        db.session.add(
            Membership(family_id=number, guardian_id=second.id, account_id=father, region_no=world.district, since=TODAY)
        )
        second_id = second.id
        db.session.commit()
    with being(father):
        assert db.session.get(Child, child_id) is not None
    with acting("district_officer", world.district):
        one = db.session.get(Guardian, second_id)
        bar(one, reason="가정법원 2026느단100")
        with pytest.raises(BadGuardian, match="already"):
            bar(one, reason="again")
        db.session.commit()
    with being(father):
        assert db.session.get(Child, child_id) is None
        assert mine() is None
    with being(account), pytest.raises(BadGuardian, match="only the district"):
        correct_guardian(db.session.get(Guardian, second_id), name="x", relation_to_child="father", phone="", email="",
                         postal="", language="ko")  # fmt: skip


def test_a_guardian_mends_the_contact(family, being):
    account, number, _child = family
    with being(account):
        me = db.session.scalar(sa.select(Guardian).where(Guardian.family_id == number))
        correct_guardian(me, name="김지영", relation_to_child="mother", phone="010-9999-0000", email="k@example.org",
                         postal="서울 북구 1", language="ko")  # fmt: skip
        assert (me.phone, me.language) == ("010-9999-0000", "ko")


def test_parents_bar_nobody(family, being):
    account, number, _child = family
    with being(account), pytest.raises(Forbidden):
        bar(db.session.scalar(sa.select(Guardian).where(Guardian.family_id == number)), reason="quarrel")


@pytest.mark.rule("S1-123")
@pytest.mark.rule("S1-124")
def test_consents_are_given_apart_and_withdrawn(family, being):
    account, _number, child_id = family
    with being(account):
        child = db.session.get(Child, child_id)
        assert standing(child_id) == {}
        given = consent(child, "first_aid")
        assert consent(child, "first_aid").id == given.id
        assert set(standing(child_id)) == {"first_aid"}
        with pytest.raises(BadConsent, match="Nobody asks"):
            consent(child, "everything")
        withdraw_consent(given)
        withdraw_consent(given)
        assert standing(child_id) == {}
        assert consent(child, "first_aid").id != given.id


def test_collectors_come_and_go(family, being):
    account, _number, child_id = family
    with being(account):
        child = db.session.get(Child, child_id)
        with pytest.raises(BadCollector, match="ask back"):
            let_collect(child, name="할머니", phone="")
        one = let_collect(child, name="박순자", phone="010-2222-3333", relation="grandmother")
        with pytest.raises(BadCollector, match="already"):
            let_collect(child, name="박순자", phone="010-2222-3333")
        no_longer_collects(one.id)
        assert collectors(child_id) == []
        with pytest.raises(NotFound):
            no_longer_collects(one.id + 99)


DESK = Desk("이하은", date(2023, 1, 2), None, "이수진", "mother", "010-7777-8888", language="ko")


@pytest.mark.rule("S1-218")
@pytest.mark.rule("S1-219")
def test_staff_register_a_child_on_the_spot_and_find_it_then(acting, world):
    here, there = world.facilities[0], world.neighbors[0]
    ask = {"name": "이하은", "born_on": date(2023, 1, 2), "phone_ending": "8888"}
    with acting("front_desk", here, on_date=TODAY):
        assert find_registered(**ask, facility_id=here) is None
        number = register_child(DESK, facility_id=here)
        assert db.session.get(Child, number).name == "이하은"
        assert find_registered(**ask, facility_id=here) == number
        with pytest.raises(KnownChild, match="registered already"):
            register_child(DESK, facility_id=here)
        with pytest.raises(NotFound):
            register_child(DESK, facility_id=there)
    with acting("front_desk", there, on_date=TODAY):
        assert db.session.get(Child, number) is None
        assert find_registered(**{**ask, "phone_ending": "8889"}, facility_id=there) is None
        assert find_registered(**ask, facility_id=there) == number
    with acting("front_desk", there, on_date=TODAY):
        assert db.session.get(Child, number).name == "이하은"
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Sharing)) == 1


def test_a_sibling_at_the_counter_joins_the_family(acting, world):
    here = world.facilities[0]
    with acting("front_desk", here, on_date=TODAY):
        first = register_child(DESK, facility_id=here)
        second = register_child(
            Desk("이하준", date(2025, 1, 2), None, "이수진", "mother", "010-7777-8888"), facility_id=here, family_of=first
        )
        one, other = db.session.get(Child, first), db.session.get(Child, second)
        assert one.family_id == other.family_id
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Guardian)) == 1
        with pytest.raises(KnownChild, match="look for the child"):
            register_child(DESK, facility_id=here, family_of=second + 99)


def test_a_family_at_the_counter_can_be_reached(acting, world):
    with acting("front_desk", world.facilities[0], on_date=TODAY), pytest.raises(NeedsPhone, match="postal"):
        register_child(
            Desk("이하은", date(2023, 1, 2), None, "이수진", "mother", ""), facility_id=world.facilities[0]
        )
    with acting("front_desk", world.facilities[0], on_date=TODAY), pytest.raises(NeedsPhone, match="last 4"):
        find_registered(name="이하은", born_on=date(2023, 1, 2), phone_ending="88", facility_id=world.facilities[0])


def test_paper_is_recorded_for_a_guardian_of_the_child(acting, world, family):
    here = world.facilities[0]
    with acting("front_desk", here, on_date=TODAY):
        child = db.session.get(Child, register_child(DESK, facility_id=here))
        guardian = db.session.scalar(sa.select(Guardian).where(Guardian.family_id == child.family_id))
        given = record_paper_consent(child, guardian, "going_home", facility_id=here)
        assert (given.channel, given.purpose) == ("paper", "going_home")
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 1
        with pytest.raises(BadConsent):
            record_paper_consent(child, Guardian(family_id=0), "going_home", facility_id=here)


def test_a_child_is_kept_from_the_day_no_centre_sees_it(app, family, world):
    from core.security import access
    from core.security import scope as scopes
    from modules.families import api
    from modules.families.models import CHILDREN

    _account, number, child_id = family
    due = sa.select(Child.id).where(sa.not_(CHILDREN.unless), CHILDREN.anchor <= date(2030, 1, 1))

    def ask(on, *acts):
        with access.asking(), scopes.system("a test of keeping", on_date=on):
            for act, *facts in acts:
                act(*facts)
            db.session.commit()
            return db.session.scalars(due).all(), db.session.get_one(Child, child_id).left_on

    assert ask(date(2026, 3, 2)) == ([child_id], None)
    here, there = world.facilities
    shared = [(api.share, child_id, number, place, "application") for place in (here, there, there)]
    assert ask(date(2026, 3, 2), *shared) == ([], None)
    assert ask(date(2026, 4, 2), (api.unshare, child_id, here, "application")) == ([], None)
    assert ask(date(2026, 5, 2), (api.unshare, child_id, there, "application")) == ([child_id], date(2026, 5, 2))
    assert ask(date(2026, 6, 2), shared[0]) == ([], None)


def test_other_modules_read_children_and_whom_to_tell(family, being, acting, world):
    from modules.families import api

    account, number, child_id = family
    with being(account):
        assert api.children([child_id])[child_id].name == "박서연"
        told = api.contacts(number)
        assert [(one.name, one.account_id, one.phone) for one in told] == [("김지영", account, "010-1234-5678")]
    with acting("front_desk", world.facilities[0]):
        assert api.children([child_id]) == {}
        assert api.contacts(number) == []
