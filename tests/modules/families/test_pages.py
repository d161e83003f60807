"""The pages of a family and of the counter, as a parent, a centre and a district meet them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "core"))

import people
from browsing import Browser

from core.db.base import db
from core.security import access
from core.security import scope as scopes
from modules.families.models import Child, Guardian

BEGIN = {"name": "김지영", "relation": "mother", "phone": "010-1234-5678", "email": "", "postal": ""}


class Person(Browser):
    """A browser whose forms are given as their fields."""

    def post(self, address, fields=None, **more):
        return super().post(address, **({"data": fields} if fields is not None else {}), **more)


@pytest.fixture
def entered(app):
    """A browser of a new person with a post."""

    def _entered(role, place, login):
        people.make(login, role, place)
        person = Person(app)
        assert person.enter(login).status_code == 302
        return person

    return _entered


def looking():
    return scopes.system("look at what a test did")


def test_a_parent_begins_enters_a_child_consents_and_names_a_collector(entered, world):
    parent = entered("parent", world.district, "mother")
    assert "Begin with yourself" in parent.get("/my/family").text
    assert parent.post("/my/family", {**BEGIN, "phone": "call"}).status_code == 422
    assert parent.post("/my/family", BEGIN).headers["Location"] == "/my/family/children/new"
    refused = parent.post("/my/family/children/new", {"name": "박서연"})
    assert refused.status_code == 422
    assert "birthday" in refused.text
    assert 'value="박서연"' in refused.text  # what was typed stays
    made = parent.post("/my/family/children/new", {"name": "박서연", "born_on": "2024-05-04"})
    page = made.headers["Location"]
    text = parent.get(page).text
    assert "checked" not in text  # nothing is consented to beforehand
    assert parent.post(f"{page}/consents/first_aid", {}).status_code == 302
    assert "You consented on" in parent.get(page).text
    withdraw = re.search(r'action="(/my/family/consents/\d+/withdraw)"', parent.get(page).text)[1]
    parent.post(withdraw, {})
    assert "You consented on" not in parent.get(page).text
    assert parent.post(f"{page}/collectors", {"name": "할머니", "phone": ""}).status_code == 422
    assert parent.post(f"{page}/collectors", {"name": "박순자", "phone": "010-2222-3333"}).status_code == 302
    ending = re.search(r'action="(/my/family/collectors/\d+/end)"', parent.get(page).text)[1]
    assert parent.post(ending, {}).status_code == 302
    assert "박순자" not in parent.get(page).text
    assert "박서연" in parent.get("/my/family").text


def test_what_another_family_has_is_not_there(entered, world):
    mine = entered("parent", world.district, "mother")
    mine.post("/my/family", BEGIN)
    page = mine.post("/my/family/children/new", {"name": "박서연", "born_on": "2024-05-04"}).headers["Location"]
    mine.post(f"{page}/collectors", {"name": "박순자", "phone": "010-2222-3333"})
    mine.post(f"{page}/consents/first_aid", {})
    with looking():
        numbers = {
            "guardians": db.session.scalar(sa.text("select id from families.guardian")),
            "collectors": db.session.scalar(sa.text("select id from families.collector")),
            "consents": db.session.scalar(sa.text("select id from families.consent")),
        }
    other = entered("parent", world.district, "stranger")
    other.post("/my/family", BEGIN)
    assert other.get(page).status_code == 404
    assert other.get(f"/my/family/guardians/{numbers['guardians']}").status_code == 404
    for address in (
        f"{page}/correct", f"{page}/born", f"{page}/collectors", f"{page}/consents/first_aid",
        f"/my/family/collectors/{numbers['collectors']}/end", f"/my/family/consents/{numbers['consents']}/withdraw",
    ):  # fmt: skip
        assert other.post(address, {"name": "X", "born_on": "2024-05-04", "phone": "010-2222-3333"}).status_code == 404
    with looking():
        assert db.session.scalar(sa.select(Child.name)) == "박서연"


@pytest.mark.parametrize("address", ["/my/family", "/my/family/children/new"])
def test_strangers_and_staff_have_no_family_page(entered, world, client, address):
    assert client.get(address).status_code in (302, 401, 403)
    assert entered("front_desk", world.facilities[0], "desk").get(address).status_code == 403


@pytest.mark.rule("S1-219")
def test_the_counter_looks_first_and_registers_then(entered, world):
    desk = entered("front_desk", world.facilities[0], "desk")
    look = {"name": "이하은", "born_on": "2023-01-02", "phone_ending": "8888"}
    page = desk.post("/office/families/counter/", look)
    assert "Register the child" in page.text
    assert 'value="이하은"' in page.text
    facts = {"name": "이하은", "born_on": "2023-01-02", "guardian": "이수진", "relation": "mother", "language": "ko"}
    assert desk.post("/office/families/counter/register", facts).status_code == 422  # no way to be reached
    made = desk.post("/office/families/counter/register", {**facts, "phone": "010-7777-8888"})
    assert made.status_code == 302
    assert "이수진" in desk.get(made.headers["Location"]).text
    assert desk.post("/office/families/counter/", look).headers["Location"] == made.headers["Location"]
    assert "이하은" in desk.get("/office/families/children/").text
    next_door = entered("front_desk", world.facilities[1], "next")
    assert "이하은" not in next_door.get("/office/families/children/").text
    assert next_door.get(made.headers["Location"]).status_code == 404


@pytest.mark.rule("S1-124")
def test_the_counter_records_a_consent_on_paper(entered, world):
    desk = entered("front_desk", world.facilities[0], "desk")
    facts = {"name": "이하은", "born_on": "2023-01-02", "guardian": "이수진", "relation": "mother", "language": "ko"}
    page = desk.post("/office/families/counter/register", {**facts, "phone": "010-7777-8888"}).headers["Location"]
    assert desk.get(page).text.count("Signed on paper") == 4
    with looking():
        child, guardian = db.session.scalar(sa.select(Child.id)), db.session.scalar(sa.select(Guardian.id))
    address = f"/office/families/children/{child}/consents"
    assert desk.post(address, {"guardian": guardian, "purpose": "everything"}).status_code == 422
    assert desk.post(address, {"guardian": guardian, "purpose": "first_aid"}).status_code == 302
    assert desk.get(page).text.count("Signed on paper") == 3
    assert entered("district_officer", world.district, "office").post(
        address, {"guardian": guardian, "purpose": "going_home"}
    ).status_code in (403, 404)


def test_the_district_takes_rights_away_and_not_from_the_last(entered, world):
    desk = entered("front_desk", world.facilities[0], "desk")
    facts = {"name": "이하은", "born_on": "2023-01-02", "guardian": "이수진", "relation": "mother", "language": "ko"}
    made = desk.post("/office/families/counter/register", {**facts, "phone": "010-7777-8888"})
    district = entered("district_officer", world.district, "district")
    page = district.get(made.headers["Location"])
    assert "Take the rights away" in page.text
    with looking():
        guardian = db.session.scalar(sa.select(Guardian))
        number, family, region = guardian.id, guardian.family_id, guardian.region_no
        child = db.session.scalar(sa.select(Child.id))
    refused = district.post(f"/office/families/children/guardians/{number}/bar", {"child": child, "reason": "court 1"})
    assert refused.status_code == 422
    assert "nobody to act" in refused.text
    with access.asking(), looking():
        db.session.add(Guardian(family_id=family, region_no=region, name="이철수", relation="father"))
        db.session.commit()
    done = district.post(f"/office/families/children/guardians/{number}/bar", {"child": child, "reason": "court 1"})
    assert done.status_code == 302
    assert "no rights since" in district.get(made.headers["Location"]).text
    assert desk.post(f"/office/families/children/guardians/{number}/bar", {"child": child}).status_code == 403


def test_a_page_of_a_child_says_who_sees_it(entered, world):
    parent = entered("parent", world.district, "mother")
    parent.post("/my/family", BEGIN)
    page = parent.post("/my/family/children/new", {"name": "박서연", "born_on": "2024-05-04"}).headers["Location"]
    assert "Only your family" in parent.get(page).text
    desk = entered("front_desk", world.facilities[0], "desk")
    desk.post("/office/families/counter/", {"name": "박서연", "born_on": "2024-05-04", "phone_ending": "5678"})
    assert "Only your family" not in parent.get(page).text
