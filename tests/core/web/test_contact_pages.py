"""One's own contacts at the screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import letters
import people
import pytest

from core.web.proving import FRESH

MAIL = "jan@example.org"


@pytest.fixture
def jan(browser, person, world):
    made = person("jan", "director", world.facilities[0])
    browser.enter("jan")
    return made


def add(browser, typed=MAIL):
    return browser.post("/account/contacts/new", data={"address": typed})


def test_add_confirm_and_remove(browser, jan):
    assert "You have no contact yet" in browser.get("/account/contacts").text
    confirm = add(browser).location
    assert MAIL in browser.get(confirm).text
    assert browser.post(confirm, data={"code": letters.code(MAIL)}).location == "/account/contacts"
    assert "Confirmed" in browser.get("/account/contacts").text
    assert browser.get(confirm).location == "/account/contacts"
    page = browser.post(f"{confirm}/remove")
    assert page.status_code == 422
    assert "your last confirmed contact" in page.text
    waiting = add(browser, "second@example.org").location
    assert browser.post(f"{waiting}/remove").location == "/account/contacts"


def test_an_open_screen_does_not_suffice(browser, jan, time_machine):
    """Ten minutes after the last proof one is asked again, and led back to what one wanted."""
    confirm = add(browser).location
    time_machine.move_to(datetime.now(UTC) + FRESH + timedelta(seconds=1))
    before = len(letters.all_of())
    for path in ("/account/contacts/new", f"{confirm}/remove"):
        assert browser.get(path).location.startswith("/account/confirm?next=")
        assert browser.post(path, data={"address": "thief@example.org"}).location.startswith("/account/confirm?next=")
    assert len(letters.all_of()) == before
    assert MAIL in browser.get("/account/contacts").text, "to look needs no proof"
    back = browser.post("/account/confirm?next=/account/contacts/new", data={"password": people.PASSWORD}).location
    assert back == "/account/contacts/new"
    assert add(browser, "second@example.org").status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Please fill this in"), ("jan", "neither an e-mail address"), ("x" * 300, "too long")]
)
def test_mistakes_are_said(browser, jan, typed, said):
    page = add(browser, typed)
    assert page.status_code == 422
    assert said in page.text


def test_a_wrong_code_is_said_and_the_next_one_works(browser, jan):
    confirm = add(browser).location
    assert "not the six digits" in browser.post(confirm, data={"code": "1"}).text
    assert browser.post(confirm, data={"code": letters.code(MAIL)}).status_code == 302


def test_contacts_of_others_are_not_there(browsers, browser, jan, person, world):
    confirm = add(browser).location
    person("eve", "director", world.facilities[1])
    eve = browsers()
    eve.enter("eve")
    for path in (confirm, f"{confirm}/remove"):
        assert eve.get(path).status_code == 404
        answer = eve.post(path, data={"code": letters.code(MAIL)})
        assert answer.status_code == 404
    assert MAIL not in eve.get("/account/contacts").text


def test_strangers_are_asked_to_sign_in(browser):
    for path in ("/account/contacts", "/account/contacts/new", "/account/contacts/1", "/account/contacts/1/remove"):
        assert browser.get(path).status_code == 401
        if path != "/account/contacts":
            assert browser.post(path).status_code == 401


def test_every_role_has_contacts_of_its_own(browsers, person, world):
    for role, place in (("parent", world.district), ("accountant", world.facilities[0]), ("administrator", 0)):
        person(f"{role}1", role, place)
        one = browsers()
        one.enter(f"{role}1")
        assert one.get("/account/contacts").status_code == 200
        assert add(one, f"{role}@example.org").status_code == 302
