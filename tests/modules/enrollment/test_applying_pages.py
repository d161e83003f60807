"""Filling an application in: kept after each step and change, resumed on another device, stale pages said, sent once."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.security import scope as scopes
from modules.enrollment.models import Application, Claim, Draft
from tests.modules.enrollment.test_pages import code, fill, mother, step
from tests.modules.families.test_pages import entered

__all__ = ["entered", "mother"]

DAY = "2027-03-02"


def count(model):
    with scopes.system("look"):
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))


@pytest.mark.rule("F-51")
def test_it_goes_on_on_another_device_where_it_stopped(app, mother, centres):
    person, child = mother
    address = f"/apply/{code(centres[0])}"
    step(person, address, 1, {"child": child, "wanted_from": DAY})
    step(person, address, 2, {"claims": ["one_parent"]})
    other = type(person)(app)
    assert other.enter("mother").status_code == 302
    assert "Step 3 of 4" in other.get(address).text
    assert "Go on with" in other.get("/my/applications").text
    assert count(Application) == 0  # nothing is sent before it is sent
    made = step(other, address, 4, {})
    assert "/my/applications/" in made.headers["Location"]
    assert (count(Application), count(Claim), count(Draft)) == (1, 1, 0)
    # the first device still shows its third step: going on there meets the application that was sent
    again = person.post(f"{address}?step=4", {"step": 4, "version": 2})
    assert again.headers["Location"] == made.headers["Location"]
    assert count(Application) == 1


@pytest.mark.rule("F-51")
def test_each_change_is_kept_and_an_old_page_is_told(mother, centres):
    person, child = mother
    address = f"/apply/{code(centres[0])}"
    kept = person.post(f"{address}/keep", {"step": 1, "version": 0, "child": child, "wanted_from": ""})
    assert kept.status_code == 200
    assert "Kept at" in kept.text
    assert re.search(r'name="version" value="1"', kept.text)
    assert f'value="{child}" checked' in re.sub(r" +", " ", person.get(address).text) or "checked" in person.get(address).text
    person.post(f"{address}/keep", {"step": 1, "version": 1, "child": child, "wanted_from": DAY})
    stale = person.post(f"{address}/keep", {"step": 1, "version": 1, "child": child, "wanted_from": "2027-09-01"})
    assert stale.status_code == 409
    assert "another device" in stale.text
    late = step(person, address, 1, {"child": child, "wanted_from": "2027-09-01"}, version=0)
    assert late.status_code == 409
    assert "another device" in late.text
    assert DAY in late.text  # what was saved last, not what this window remembers
    assert "2027-09-01" not in late.text


def test_nothing_is_ticked_beforehand_and_consents_are_given_each_by_itself(mother, centres):
    person, child = mother
    address = f"/apply/{code(centres[0])}"
    step(person, address, 1, {"child": child, "wanted_from": DAY})
    step(person, address, 2, {"claims": []})
    page = person.get(f"{address}?step=3").text
    assert page.count('name="consents"') == 4
    assert "checked" not in page
    step(person, address, 3, {"consents": ["first_aid"]})
    page = person.get(f"{address}?step=3").text
    assert page.count('name="consents"') == 3
    assert "You consented on" in page
    assert "needed before the child is admitted: 1" in person.get(f"{address}?step=4").text


@pytest.mark.rule("S1-123")
@pytest.mark.rule("S1-124")
@pytest.mark.rule("S1-125")
def test_what_is_needed_is_told_up_front_and_beside_each_circumstance(mother, centres, documents_asked):
    person, child = mother
    address = f"/apply/{code(centres[0])}"
    first = person.get(address).text
    assert "Family relation certificate" in first
    assert "how the child arrives, gets first aid and goes home" in first
    step(person, address, 1, {"child": child, "wanted_from": DAY})
    assert "Proved by: Certificate of a one-parent family" in person.get(f"{address}?step=2").text
    step(person, address, 2, {"claims": ["one_parent"]})
    last = person.get(f"{address}?step=4").text
    assert "Certificate of a one-parent family" in last
    assert "for your points" in last


def test_a_step_cannot_be_jumped_over(mother, centres):
    person, child = mother
    address = f"/apply/{code(centres[0])}"
    assert "Step 1 of 4" in person.get(f"{address}?step=3").text
    refused = person.post(f"{address}?step=4", {"step": 4, "version": 0})
    assert refused.status_code == 409 or "Choose the child and the day first" in refused.text
    assert count(Application) == 0
    assert step(person, address, 1, {"child": child + 77, "wanted_from": DAY}).status_code == 422
    assert step(person, address, 1, {"child": child, "wanted_from": "soon"}).status_code == 422


def test_what_was_filled_in_is_thrown_away(mother, centres, entered, world):
    person, child = mother
    address = f"/apply/{code(centres[0])}"
    step(person, address, 1, {"child": child, "wanted_from": DAY})
    stranger = entered("parent", world.district, "stranger")
    assert stranger.post(f"{address}/drop", {}).status_code == 302
    assert count(Draft) == 1
    assert person.post(f"{address}/drop", {}).status_code == 302
    assert count(Draft) == 0
    assert "Go on with" not in person.get("/my/applications").text


@pytest.mark.rule("F-57")
@pytest.mark.rule("S1-126")
def test_the_counter_applies_for_a_family_with_the_same_receipt(mother, centres, entered):
    person, child = mother
    made = fill(person, centres[0], child, ["adopted"])
    online = person.get(made.headers["Location"] + "/receipt.pdf")
    assert online.data.startswith(b"%PDF")
    desk = entered("front_desk", centres[0], "desk")
    facts = {"name": "이하은", "born_on": "2024-01-02", "guardian": "이수진", "relation": "mother", "language": "ko"}
    page = desk.post("/office/families/counter/register", {**facts, "phone": "010-7777-8888"}).headers["Location"]
    address = re.search(r'href="(/office/enrollment/desk/\d+)"', desk.get(page).text)[1]
    assert desk.post(address, {"wanted_from": ""}).status_code == 422
    assert desk.post(address, {"wanted_from": "2020-01-01"}).status_code == 422
    done = desk.post(address, {"wanted_from": DAY, "claims": ["one_parent"]})
    assert done.status_code == 302
    shown = desk.get(done.headers["Location"]).text
    assert "Place 2 of 2" in shown
    receipt = re.search(r'href="(/office/enrollment/desk/receipt/\d+\.pdf)"', shown)[1]
    assert desk.get(receipt).data.startswith(b"%PDF")
    again = desk.post(address, {"wanted_from": DAY, "claims": ["one_parent"]})
    assert again.headers["Location"] == done.headers["Location"]
    next_door = entered("front_desk", centres[1], "next")
    assert next_door.post(address, {"wanted_from": DAY}).status_code == 404
    assert next_door.get(receipt).status_code == 404


def test_a_receipt_says_when_and_under_which_sign(mother, centres):
    from modules.enrollment.services.receipts import receipt_html

    person, child = mother
    number = int(fill(person, centres[0], child, ["adopted"]).headers["Location"].rsplit("/", 1)[1])
    with scopes.system("look"):
        html = receipt_html(number)
        sign = db.session.scalar(sa.text("select pseudonym from enrollment.entry"))
    assert sign in html
    assert "Adopted child" in html
    assert "박서연" in html


def test_a_circumstance_no_longer_claimed_leaves_nothing_half_written(mother, centres):
    """What was filled in stays, nothing was sent: the family chooses again and sends the whole."""
    person, child = mother
    address = f"/apply/{code(centres[0])}"
    step(person, address, 1, {"child": child, "wanted_from": DAY})
    step(person, address, 2, {"claims": ["one_parent"]})
    step(person, address, 3, {"consents": ["personal_data", "first_aid"]})
    with scopes.system("the rule changes meanwhile"):
        db.session.execute(sa.update(Draft).values(claims=["one_parent", "gone"]))
        db.session.commit()
    refused = step(person, address, 4, {})
    assert refused.status_code == 409
    assert "not claimed here" in refused.text
    assert (count(Application), count(Claim), count(Draft)) == (0, 0, 1)
