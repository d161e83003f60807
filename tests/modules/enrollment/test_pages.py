"""Applying in the browser's way: a family from the centre's page to its place, the centre from evidence to admission."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.security import scope as scopes
from core.testing import count_queries
from tests.modules.families.test_pages import BEGIN, entered

__all__ = ["entered"]


@pytest.fixture
def mother(entered, world, centres):
    """A parent with a child, signed in; gives (browser, the child's number)."""
    person = entered("parent", world.district, "mother")
    person.post("/my/family", BEGIN)
    page = person.post("/my/family/children/new", {"name": "박서연", "born_on": "2024-05-04"}).headers["Location"]
    return person, int(page.rsplit("/", 1)[1])


def code(number):
    return f"F-{number}"


def step(person, address, number, fields, version=None):
    """One step of the form as a browser sends it, with the version the page carries."""
    page = person.get(f"{address}?step={number}").text
    carried = re.search(r'name="version" value="(\d*)"', page)[1] if version is None else version
    return person.post(f"{address}?step={number}", {"step": number, "version": carried, **fields})


def fill(person, centre, child, claims=(), wanted_from="2027-03-02", consents=()):
    """The four steps of an application; gives the answer to the last one."""
    address = f"/apply/{code(centre)}"
    step(person, address, 1, {"child": child, "wanted_from": wanted_from})
    step(person, address, 2, {"claims": list(claims)})
    step(person, address, 3, {"consents": list(consents)})
    return step(person, address, 4, {})


@pytest.mark.rule("S1-122")
@pytest.mark.rule("F-51")
@pytest.mark.rule("S2-14")
def test_a_family_applies_sees_its_place_and_withdraws(mother, centres, client):
    person, child = mother
    assert f"/apply/{code(centres[0])}" in person.get(f"/facilities/{code(centres[0])}").text
    form = person.get(f"/apply/{code(centres[0])}")
    assert not re.search(r"<input[^>]* checked", form.text)  # neither a child nor a circumstance is chosen beforehand
    refused = person.post(f"/apply/{code(centres[0])}", {"wanted_from": "2027-03-02"})
    assert refused.status_code == 422
    assert "Choose the child" in refused.text
    made = fill(person, centres[0], child, ["one_parent", "adopted"])
    page = made.headers["Location"]
    text = person.get(page).text
    assert "Your place: 1 of 1" in text
    assert "With all evidence checked: 150" in text
    assert "Centre" in person.get("/my/applications").text
    sign = re.search(r"You are ([0-9a-f]{8})", text)[1]
    public = client.get(f"/waiting/{code(centres[0])}").text
    assert sign in public
    assert "박서연" not in public
    taken = re.search(r'action="(/my/applications/\d+/claims/\d+/take-back)"', text)[1]
    assert person.post(taken).status_code == 302
    assert person.post(f"{page}/withdraw").status_code == 302
    assert sign not in client.get(f"/waiting/{code(centres[0])}").text.split("Steps of the list")[0]
    assert "Withdrawn by the family" in person.get(page).text


@pytest.mark.rule("F-53", "S1-215")
@pytest.mark.parametrize(("language", "harsh"), [
    ("ko", r"(?<!아무런 )불이익이|위약|벌칙|제재|취소 ?수수료"), ("pl", r"\bkar[aąęy]|opłat|grzywn|konsekwencj"),
    ("en", r"penalt|fee\b|fine\b|lose your place|sanction"),
])  # fmt: skip
def test_cancelling_is_as_easy_as_applying_and_threatens_nothing(mother, centres, language, harsh):
    """From one's own list: one link, one button; applying takes four steps. No word of a penalty stands beside it."""
    person, child = mother
    page = fill(person, centres[0], child).headers["Location"]
    assert f'href="{page}"' in person.get("/my/applications").text
    person.get(f"/language?to={language}")
    text = person.get(page).text
    [form] = re.findall(rf'<form[^>]*action="{page}/withdraw".*?</form>', text, re.DOTALL)
    assert len(re.findall("<button", form)) == 1
    assert 'type="text"' not in form, "no reason is asked for"
    plain = re.sub(r"<[^>]+>", " ", text)
    assert not re.search(harsh, plain, re.IGNORECASE)
    assert person.post(f"{page}/withdraw").status_code == 302
    again = fill(person, centres[0], child)
    assert again.status_code == 302, "and one may apply again"


def test_another_family_finds_nothing(mother, centres, entered, world):
    person, child = mother
    made = fill(person, centres[0], child, ["adopted"])
    page = made.headers["Location"]
    other = entered("parent", world.district, "stranger")
    other.post("/my/family", BEGIN)
    with scopes.system("look"):
        claimed = db.session.scalar(sa.text("select id from enrollment.claim"))
    for address in (page, f"{page}/withdraw", f"{page}/claims/{claimed}/take-back"):
        answer = other.get(address) if address == page else other.post(address)
        assert answer.status_code == 404, address
    refused = other.post(f"/apply/{code(centres[0])}", {"child": child, "wanted_from": "2027-03-02"})
    assert refused.status_code == 422  # not a child of theirs
    assert "Your place: 1 of 1" in person.get(page).text


@pytest.mark.rule("S2-17")
def test_the_centre_checks_evidence_and_admits_in_order(mother, centres, entered, world):
    person, child = mother
    person.post("/my/family/children/new", {"name": "박지호", "born_on": "2024-08-04"})
    for number in (child, child + 1):
        fill(person, centres[0], number, ["adopted"] * (number > child))
    director = entered("director", centres[0], "director")
    listed = director.get("/office/enrollment/applications/").text
    assert listed.index("박서연") < listed.index("박지호")
    with scopes.system("look"):
        first, second = db.session.scalars(sa.text("select id from enrollment.application order by id")).all()
        claimed = db.session.scalar(sa.text("select id from enrollment.claim"))
    base, desk_of_places = "/office/enrollment/applications", "/office/enrollment/places"
    assert director.post(f"{base}/{second}/admit", {}).status_code == 422, "nobody offered it a place"
    assert director.post(f"{base}/{second}/claims/{claimed}", {"act": "proven", "note": ""}).status_code == 422
    assert director.post(f"{base}/{second}/claims/{claimed}", {"act": "proven", "note": "papers"}).status_code == 302
    assert "Place 1 of 2" in director.get(f"{base}/details/?id={second}").text
    year = 2027  # the applications ask for March
    assert "No class has places yet" in director.get(f"{desk_of_places}/").text
    assert director.post(f"{desk_of_places}/class", {"year": year, "class_age": 1, "places": 99, "held": 0}).status_code == 422
    with scopes.system("look"):
        age = db.session.scalar(sa.text("select min(class_age) from enrollment.entry"))
    got = director.post(f"{desk_of_places}/class", {"year": year, "class_age": age, "places": 1, "held": 0})
    assert got.status_code == 302, got.text
    with scopes.system("look"):
        group = db.session.scalar(sa.text("select id from enrollment.class_group"))
    assert director.post(f"{desk_of_places}/class/{group}/fill", {"starts_on": ""}).status_code == 422
    free = director.post(f"{desk_of_places}/class/{group}/fill", {"starts_on": "2027-03-02"})
    assert free.status_code == 302
    page = director.get(free.headers["Location"]).text
    assert "Offer the place to 박지호" in page
    left_out = re.search(r'action="([^"]+/leave-out/\d+)"', page)
    assert director.post(left_out[1], {"code": "documents_missing", "evidence": ""}).status_code == 422
    assert director.post(re.search(r'action="([^"]+/offer)"', page)[1], {}).status_code == 302
    assert "Answer until" in person.get(f"/my/applications/{second}").text
    assert director.post(f"{base}/{second}/answer", {"act": "nonsense"}).status_code == 404
    assert person.post(f"/my/applications/{second}/answer", {"answer": "accept"}).status_code == 302
    assert "Place accepted" in person.get(f"/my/applications/{second}").text
    assert "not consented yet" in director.post(f"{base}/{second}/admit", {}).text
    for purpose in ("personal_data", "first_aid"):
        person.post(f"/my/family/children/{child + 1}/consents/{purpose}")
    assert director.post(f"{base}/{second}/admit", {}).status_code == 302
    drain()
    admitted = director.get(f"{base}/details/?id={second}").text
    assert "Admitted" in admitted
    assert len(re.findall(r"messages/details/\?id=\d+", admitted)) >= 2, "applied and admitted: what the family was told of it"
    assert "김•영" in admitted, "and who of it, masked"
    other = entered("director", centres[1], "next")
    assert other.get(f"{base}/details/?id={first}").status_code == 404
    assert other.post(f"{base}/{first}/admit", {}).status_code == 404
    desk = entered("front_desk", centres[0], "desk")
    assert desk.post(f"{base}/{first}/admit", {}).status_code == 403


def test_a_list_of_many_takes_as_few_queries_as_one_of_few(mother, centres, entered, apply_for):
    director = entered("director", centres[0], "director")
    counts = []
    for name in ("하나", "둘리", "세찬", "네모"):
        apply_for(centres[0], name)
        with count_queries() as queries:
            assert director.get("/office/enrollment/applications/").status_code == 200
        counts.append(len(queries))
    assert len(set(counts[1:])) == 1, counts


@pytest.mark.parametrize("address", ["/apply/{code}", "/my/applications"])
def test_strangers_sign_in_first_and_staff_have_no_such_page(centres, client, entered, address):
    address = address.format(code=code(centres[0]))
    assert client.get(address).status_code in (302, 401, 403)
    assert entered("director", centres[0], "director").get(address).status_code == 403


def test_a_closed_centre_offers_no_application(mother, centres):
    person, _child = mother
    with scopes.system("close a centre"):
        db.session.execute(sa.text("update facilities.facility set status = 'closed' where id = :id"), {"id": centres[0]})
        db.session.commit()
    text = person.get(f"/facilities/{code(centres[0])}").text
    assert f"/apply/{code(centres[0])}" not in text
    assert f"/waiting/{code(centres[0])}" in text


def test_a_centre_that_is_not_there(mother, client):
    person, _child = mother
    assert person.get("/apply/F-NOTHING").status_code == 404
    assert client.get("/waiting/F-NOTHING").status_code == 404
