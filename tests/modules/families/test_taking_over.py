"""A family a counter entered is taken over by its guardian through a confirmed contact, and shown to nobody else."""

from __future__ import annotations

import re
import string
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "core"))

import people
from browsing import Browser

from core.db.base import db
from core.errors import Forbidden
from core.security import contacts
from core.security import scope as scopes
from core.security.accounts import Account
from core.security.addresses import Address
from core.testing import mark_dirty
from modules.families import api, rules
from modules.families.models import Child, Family, Guardian, Invitation, Membership, Request
from modules.families.models.family import ENDING, PHONE_END
from modules.families.services import (
    add_child,
    add_guardian,
    ask_about_data,
    bar,
    found,
    invite,
    mine,
    register_child,
    take_over,
)
from modules.families.services.counter import Desk
from modules.families.services.dissolving import TwoFamilies
from modules.families.services.guarding import guardians
from modules.families.services.inviting import BadInvitation, join
from modules.families.services.taking_over import NotYours, offers

PHONE = Address("phone", "+821077778888")


@pytest.fixture
def counter(acting, world):
    """Registers a child of a family at a counter; gives (child, guardian)."""

    def register(name="박서연", guardian="김지영", phone="010-7777-8888", email="", at=0):
        here = world.facilities[at]
        with acting("front_desk", here):
            child = register_child(
                Desk(name, date(2024, 5, 4), None, guardian, "mother", phone, email), facility_id=here
            )
        with scopes.system("look at what a counter entered"):
            family = db.session.get_one(Child, child).family_id
            return child, db.session.scalar(sa.select(Guardian.id).where(Guardian.family_id == family))

    return register


def confirmed(account_id, address=PHONE):
    with scopes.system("a contact of a test is confirmed"):
        contacts.put_confirmed(db.session.get_one(Account, account_id), address)
        db.session.commit()


def typed_only(account_id, value="010-7777-8888"):
    contacts.add(account_id, value)


def looking():
    return scopes.system("look at what a test did")


@pytest.mark.rule("S1-219")
@pytest.mark.parametrize("written", ["010-7777-8888", "+82 10 7777 8888", "(010) 7777.8888", "01077778888"])
def test_the_guardian_finds_the_family_however_the_number_was_written(counter, parent, being, written, world):
    child, guardian = counter(phone=written)
    account = parent("Jiyoung")
    confirmed(account)
    with being(account):
        there = offers()
        assert [(one.guardian_id, one.children, one.facility_id) for one in there.offers] == [
            (guardian, ("박•연",), world.facilities[0])
        ]
        family = take_over(guardian)
        assert mine().id == family
        assert [one.id for one in api.own_children()] == [child]
        assert offers().offers == ()  # it is taken
    with looking():
        assert db.session.scalars(sa.select(Membership.guardian_id)).all() == [guardian]
        told = sa.text("select count(*) from core.outbox where name like '%GuardianJoined'")
        assert db.session.scalar(told) == 1
        row = db.session.execute(
            sa.text("select account_id, reason from core.change where table_name = 'families.membership'")
        ).one()
        assert (row.account_id, row.reason) == (account, "a guardian takes over what a counter entered")


def test_the_guardian_finds_the_family_by_e_mail(counter, parent, being):
    _child, guardian = counter(phone="", email="Jiyoung@Example.org")
    account = parent()
    confirmed(account, Address("email", "jiyoung@example.org"))
    with being(account):
        assert [one.guardian_id for one in offers().offers] == [guardian]


def test_who_typed_the_number_but_did_not_confirm_it_sees_nothing(counter, parent, being):
    _child, guardian = counter()
    account = parent("Stranger")
    typed_only(account)
    with being(account):
        there = offers()
        assert (there.offers, there.confirmed) == ((), False)
        with pytest.raises(NotYours):
            take_over(guardian)
        found(name="김지영", relation_to_child="mother", phone="010-7777-8888")  # typed into one's own family: proves nothing
        assert offers().offers == ()
    with looking():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Membership)) == 1


@pytest.mark.parametrize("value", ["+821077778889", "+48107777888", "+82277778888"])
def test_another_number_with_the_same_end_is_another_number(counter, parent, being, value):
    counter()
    account = parent()
    confirmed(account, Address("phone", value))
    with being(account):
        assert offers().offers == ()


def test_a_family_is_offered_in_its_city_and_not_beyond(counter, parent, being, world):
    _child, guardian = counter()
    account = parent(place=world.other_district)
    confirmed(account)
    with being(account, place=world.other_district):
        assert [one.guardian_id for one in offers().offers] == [guardian]
    with being(account, place=world.far_district):
        assert offers().offers == ()
        with pytest.raises(NotYours):
            take_over(guardian)


def test_of_two_people_with_one_telephone_the_first_is_the_guardian(counter, parent, being):
    _child, guardian = counter()
    first, second = parent("A"), parent("B")
    confirmed(first)
    with looking():  # the second account of a household confirms the number too, without signing in by it
        db.session.add(
            contacts.Contact(
                account_id=second, region_no=db.session.get_one(Account, second).region_no, channel="phone",
                value=PHONE.value, masked=PHONE.masked, verified_at=sa.func.now(),
            )
        )  # fmt: skip
        db.session.commit()
    with being(second):
        assert offers().offers
    with being(first):
        take_over(guardian)
    with being(second):
        assert offers().offers == ()
        with pytest.raises(NotYours):
            take_over(guardian)


def test_at_the_same_moment_only_one_of_a_household_gets_the_family(app, counter, parent, being):
    _child, guardian = counter()
    accounts = [parent(str(number)) for number in range(8)]
    with looking():
        for one in accounts:
            db.session.add(
                contacts.Contact(
                    account_id=one, region_no=db.session.get_one(Account, one).region_no, channel="phone",
                    value=PHONE.value, masked=PHONE.masked, verified_at=sa.func.now(),
                )
            )  # fmt: skip
        db.session.commit()

    def click(account):
        with app.app_context(), being(account):
            try:
                return take_over(guardian)
            except NotYours:
                return None

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(click, accounts))
    mark_dirty()
    assert sum(one is not None for one in got) == 1
    with looking():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Membership)) == 1


def test_whom_a_court_barred_takes_nothing_over(counter, parent, being, acting, world):
    """The barred father knows the number the counter wrote down for the mother, and has confirmed it."""
    _child, guardian = counter()
    with looking():
        family, region = db.session.get_one(Guardian, guardian).family_id, db.session.get_one(Guardian, guardian).region_no
        father = Guardian(family_id=family, region_no=region, name="박민수", relation="father", phone="+82 10 7777 8888")
        db.session.add(father)
        db.session.flush()
        number = father.id
        db.session.commit()
    account = parent("Minsu")
    confirmed(account)
    with being(account):
        assert offers().offers  # the control
    with acting("district_officer", world.district):
        bar(db.session.get_one(Guardian, number), reason="Seoul Family Court 2026-1")
        db.session.commit()
    with being(account):
        assert offers().offers == ()
        for one in (guardian, number):
            with pytest.raises(NotYours):
                take_over(one)


def test_an_own_family_without_children_goes_with_what_it_had(counter, parent, being):
    child, guardian = counter()
    account = parent("Jiyoung")
    confirmed(account)
    with being(account):
        own = found(name="Kim Jiyoung", relation_to_child="mother", email="j@example.org")
        father = add_guardian(own, name="박민수", relation_to_child="father").id
        db.session.commit()
        token = invite(father)
        ask_about_data(db.session.get_one(Family, own), "correction", "My name is spelled otherwise")
        db.session.commit()
        assert offers().by_click
        family = take_over(guardian)
        assert mine().id == family != own
        assert [(one.name, one.email) for one in guardians(family)] == [("김지영", "j@example.org"), ("박민수", "")]
        assert [one.id for one in api.own_children()] == [child]
    with being(parent("Minsu")), pytest.raises(BadInvitation):
        join(token)  # it was made for the family that is gone
    with looking():
        assert db.session.scalars(sa.select(Family.id)).all() == [family]
        assert db.session.scalars(sa.select(Request.family_id)).all() == [family]
        assert set(db.session.scalars(sa.select(Invitation.family_id))) == {family}
        gone = sa.text("select count(*) from core.change where table_name = 'families.family' and op = 'D'")
        assert db.session.scalar(gone) == 1


def test_the_look_uses_the_indexes(counter, parent, being):
    """Bounded work: no scan of all guardians for each page of a parent."""
    counter()
    with looking():
        db.session.execute(sa.text("set local enable_seqscan = off"))
        query = sa.select(Guardian.id).where(
            Guardian.phone != "", sa.literal_column(PHONE_END).in_([PHONE.value[-ENDING:]])
        )
        plan = "\n".join(
            db.session.execute(
                sa.text("explain " + str(query.compile(db.engine, compile_kwargs={"literal_binds": True})))
            ).scalars()
        )
    assert "ix_guardian_phone_end" in plan


def test_an_own_family_with_children_stays_and_the_district_is_named(counter, parent, being):
    _child, guardian = counter()
    account = parent("Jiyoung")
    confirmed(account)
    with being(account):
        own = found(name="김지영", relation_to_child="mother")
        add_child(db.session.get_one(Family, own), name="박서연", born_on=date(2024, 5, 4))
        db.session.commit()
        assert not offers().by_click
        with pytest.raises(TwoFamilies, match="district"):
            take_over(guardian)
    with being(account):
        assert mine().id == own
        assert len(api.own_children()) == 1


def test_a_family_two_people_act_for_is_not_dissolved(counter, parent, being):
    _child, guardian = counter()
    account = parent("Jiyoung")
    with being(account):
        own = found(name="김지영", relation_to_child="mother")
        father = add_guardian(own, name="박민수", relation_to_child="father").id
        db.session.commit()
        token = invite(father)
    with being(parent("Minsu")):
        join(token)
    confirmed(account)
    with being(account), pytest.raises(TwoFamilies, match="Somebody else"):
        take_over(guardian)
    with looking():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Membership)) == 2


def test_a_bar_is_never_lost_on_the_way(counter, parent, being):
    """The own family knows a person of the counter's family as barred: no click makes that undone."""
    _child, guardian = counter(guardian="박민수")
    account = parent("Jiyoung")
    with being(account):
        own = found(name="김지영", relation_to_child="mother")
        father = add_guardian(own, name="박민수", relation_to_child="father").id
        db.session.commit()
    with looking():
        found_one = db.session.get_one(Guardian, father)
        found_one.barred_on, found_one.barred_because = date(2026, 1, 1), "court"
        db.session.commit()
    confirmed(account)
    with being(account), pytest.raises(TwoFamilies, match="do not go together"):
        take_over(guardian)
    with looking():
        assert db.session.get_one(Guardian, father).family_id == own


def test_staff_is_offered_no_family(acting, world):
    with acting("front_desk", world.facilities[0]):
        with pytest.raises(Forbidden):
            offers()
        with pytest.raises(Forbidden):
            take_over(1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("박서연", "박•연"), ("박연", "박•"), ("남궁서연", "남••연"), ("Anna Nowak", "A• N•"), ("Żaneta", "Ż•"), ("김", "김•")],
)
def test_a_name_is_shown_by_halves(name, shown):
    assert rules.masked(name) == shown


@given(st.text(alphabet=string.ascii_letters + "가나다라박서연 ", min_size=2, max_size=40).filter(str.strip))
def test_no_name_is_ever_shown_whole(name):
    shown = rules.masked(name)
    assert shown != " ".join(name.split())
    assert "•" in shown


def test_the_page_offers_it_and_one_click_takes_it_over(app, counter, world):
    _child, guardian = counter()
    people.make("mother", "parent", world.district)
    person = Browser(app)
    assert person.enter("mother").status_code == 302
    page = person.get("/my/family").text
    assert 'href="/account/contacts"' in page  # confirm first
    assert "박•연" not in page
    with looking():
        account = db.session.scalar(sa.select(Account.id).where(Account.login == "mother"))
    confirmed(account)
    page = person.get("/my/family").text
    assert "박•연" in page
    assert "박서연" not in page
    assert 'href="/account/contacts"' not in re.sub(r"<header.*?</header>", "", page, flags=re.DOTALL)
    assert person.post(f"/my/family/registered/{guardian}/mine", data={}).status_code == 302
    assert "박서연" in person.get("/my/family").text
    again = person.post(f"/my/family/registered/{guardian}/mine", data={})
    assert again.status_code == 302, "a second click is the same click"
    people.make("father", "parent", world.district)
    other = Browser(app)
    other.enter("father")
    refused = other.post(f"/my/family/registered/{guardian}/mine", data={})
    assert refused.status_code == 404
    assert "not offered to you any more" in refused.text
