"""One's own contacts at the screen."""

from __future__ import annotations

import letters
import people
import pytest

MAIL = "jan@example.org"


@pytest.fixture
def jan(browser, person, world):
    made = person("jan", "director", world.facilities[0])
    browser.enter("jan")
    return made


def add(browser, typed=MAIL, password=people.PASSWORD):
    return browser.post("/account/contacts", data={"address": typed, "password": password})


def test_add_confirm_and_remove(browser, jan):
    assert "You have no contact yet" in browser.get("/account/contacts").text
    confirm = add(browser).location
    assert MAIL in browser.get(confirm).text
    assert browser.post(confirm, data={"code": letters.code(MAIL)}).location == "/account/contacts"
    assert "Confirmed" in browser.get("/account/contacts").text
    assert browser.get(confirm).location == "/account/contacts"
    page = browser.post(f"{confirm}/remove", data={"password": people.PASSWORD})
    assert page.status_code == 422
    assert "your last confirmed contact" in page.text
    waiting = add(browser, "second@example.org").location
    assert browser.post(f"{waiting}/remove", data={"password": people.PASSWORD}).location == "/account/contacts"


def test_an_open_screen_does_not_suffice(browser, jan):
    page = add(browser, password="wrong")
    assert page.status_code == 422
    assert "not your present password" in page.text
    assert letters.all_of() == []
    confirm = add(browser).location
    assert browser.post(f"{confirm}/remove", data={"password": "wrong"}).status_code == 422
    assert MAIL in browser.get("/account/contacts").text


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
        answer = eve.post(path, data={"code": letters.code(MAIL), "password": people.PASSWORD})
        assert answer.status_code == 404
    assert MAIL not in eve.get("/account/contacts").text


def test_strangers_are_asked_to_sign_in(browser):
    for path in ("/account/contacts", "/account/contacts/1", "/account/contacts/1/remove"):
        assert browser.get(path).status_code == 401
        assert browser.post(path).status_code == 401


def test_every_role_has_contacts_of_its_own(browsers, person, world):
    for role, place in (("parent", world.district), ("accountant", world.facilities[0]), ("administrator", 0)):
        person(f"{role}1", role, place)
        one = browsers()
        one.enter(f"{role}1")
        assert one.get("/account/contacts").status_code == 200
        assert add(one, f"{role}@example.org").status_code == 302
