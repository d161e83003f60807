"""The page to register: the same answers for everybody, and signed in at its end."""

from __future__ import annotations

import re

import letters
import people
import pytest

from core.web import limits

MAIL, PASSWORD = "anna@example.org", "cztery konie w zimowym ogrodzie"


@pytest.fixture
def ask(browsers, world):
    def asked(typed=MAIL, browser=None, **facts):
        browser = browser or browsers()
        values = {
            "name": "Anna", "address": typed, "password": PASSWORD, "region": world.district, "language": "en",
        }  # fmt: skip
        return browser, browser.post("/register", data={**values, **facts})

    return asked


def test_two_pages_and_one_is_in(ask):
    browser, answer = ask()
    assert (answer.status_code, answer.location) == (302, "/register/code")
    answer = browser.post("/register/code", data={"code": letters.code(MAIL)})
    assert (answer.status_code, answer.location) == (302, "/register/done?next=/")
    page = browser.get("/register/done")
    assert page.status_code == 200
    assert "Anna" in page.text
    assert browser.get("/account").status_code == 200
    assert browser.get("/my/family").status_code == 200, "as a parent"
    assert browser.get("/register").location == "/account"


def test_letters_call_the_account_by_the_address_it_registered_with(ask):
    browser, _answer = ask()
    browser.post("/register/code", data={"code": letters.code(MAIL)})
    browser.post("/logout")
    browser.post("/reset", data={"login": MAIL, "proof": MAIL, "purpose": "reset"})
    assert "password for a•••@example.org here" in letters.all_of("reset.link")[0]["text"]


@pytest.mark.parametrize(("wanted", "led"), [("/my/family", "/my/family"), ("//evil.example", "/"), ("https://evil.example", "/")])
def test_one_goes_on_where_one_came_from_and_never_elsewhere(browser, world, wanted, led):
    assert "/register?next=/my/family" in browser.get("/login?next=/my/family").text.replace("%2F", "/")
    facts = {"name": "A", "address": MAIL, "password": PASSWORD, "region": world.district, "language": "en"}
    assert browser.post("/register", query_string={"next": wanted}, data=facts).status_code == 302
    answer = browser.post("/register/code", data={"code": letters.code(MAIL)})
    assert f'href="{led}">Go on' in browser.get(answer.location).text
    assert f'href="{led}">Go on' in browser.get("/register/done", query_string={"next": wanted}).text


def same(answer):
    """What anybody could compare: without the number of the request and the one-time words of a page."""
    body = re.sub(rb'nonce="[^"]*"|value="[^"]{40,}"', b"", answer.data)
    headers = sorted((k, v) for k, v in answer.headers if k not in ("X-Request-Id", "Set-Cookie", "Content-Security-Policy"))
    return answer.status_code, body, headers


def test_known_and_unknown_answers_are_the_same_bytes(ask):
    first, _answer = ask()
    first.post("/register/code", data={"code": letters.code(MAIL)})
    seen = set()
    for typed in (MAIL, "unknown@example.org"):
        browser, answer = ask(typed)
        pages = [answer, browser.get("/register/code")]
        pages += [browser.post("/register/code", data={"code": "12345"}) for _n in range(7)]
        seen.add(str([same(page) for page in pages]))
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"typed": "nobody"}, "neither an e-mail address"),
        ({"name": ""}, "Please fill this in"),
        ({"name": "\u200b"}, "Give your name"),
        ({"password": "short"}, "10 to 128"),
        ({"region": "999999"}, "Not a valid choice"),
        ({"region": ""}, "Choose one"),
        ({"region": "x"}, "Not a valid choice"),
        ({"language": "xx"}, "Not a valid choice"),
    ],
)
def test_mistakes_are_said_beside_the_field(ask, facts, said):
    _browser, answer = ask(**facts)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'class="error"' in answer.text
    assert PASSWORD not in answer.text


def test_the_code_page_needs_a_registration(browser):
    assert browser.get("/register/code").location == "/register"


def test_codes_wrong_and_gone(ask):
    browser, _answer = ask()
    right = letters.code(MAIL)
    for _n in range(5):
        page = browser.post("/register/code", data={"code": "1"})
        assert page.status_code == 422
        assert "not the six digits" in page.text
    page = browser.post("/register/code", data={"code": right})
    assert "tried too often" in page.text


def test_a_session_of_another_registration_gets_nowhere(ask):
    one, _answer = ask()
    other, _answer = ask("other@example.org")
    assert other.post("/register/code", data={"code": letters.code(MAIL)}).status_code == 422
    assert one.post("/register/code", data={"code": letters.code(MAIL)}).status_code == 302


def test_only_districts_that_are_on_are_offered(browser, world):
    page = browser.get("/register").text
    assert f'value="{world.district}"' in page
    assert f'value="{world.far_district}"' not in page, "its city has no module on"


def test_no_place_no_page(browser, app, world):
    people.run("update core.activation set state = 'off' where module = 'facilities'")
    answer = browser.get("/register")
    assert answer.status_code == 404
    assert "district office" in answer.text


def test_nobody_registers_twice_while_signed_in(browser, person, world):
    person("jan", "director", world.facilities[0])
    browser.enter("jan")
    assert browser.get("/register").location == "/account"


def test_messages_that_cost_are_few_from_one_address(ask, browser, app, monkeypatch, world):
    for limiter in app.extensions[limits.EXTENSION]:
        monkeypatch.setattr(limiter, "enabled", True)
        limiter.reset()
    codes = [browser.post("/register", environ_base={"REMOTE_ADDR": "10.1.1.2"}).status_code for _n in range(25)]
    assert codes == [422] * 20 + [429] * 5
    for limiter in app.extensions[limits.EXTENSION]:
        limiter.reset()
