"""Signing in and out: sessions renewed and ended, one answer to all that is wrong, tokens on every form."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import people
import pytest

from core.host import hooks
from core.security import account_services as accounts
from core.security import lockout, sign_ins
from core.security import scope as scopes
from core.security.identity import LONGEST


@pytest.fixture
def jan(person, world):
    return person("jan", "director", world.facilities[0], name="Jan Testowy")


def here(browser):
    """Whether this browser is signed in."""
    answer = browser.get("/account")
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def test_in_and_out(browser, jan):
    assert not here(browser)
    answer = browser.enter("jan")
    assert (answer.status_code, answer.location) == (302, "/start")
    assert browser.get("/start").location == "/office/"
    assert here(browser)
    answer = browser.post("/logout")
    assert (answer.status_code, answer.location) == (302, "/")
    assert not here(browser)
    assert people.run("select outcome, ended_because from core.sign_in") == [("in", "signed out")]


def test_the_address_alone_leads_on(browser, jan, monkeypatch):
    assert browser.get("/").location == "/facilities", "the first page of a visitor's menu"
    monkeypatch.setattr(hooks, "ask", lambda *_question, **_facts: [])
    assert browser.get("/").location == "/login", "no module offers a public page"
    browser.enter("jan")
    assert browser.get("/").location == "/start"


def test_a_stranger_comes_back_to_the_page_asked_for_with_its_filters(browser, jan):
    assert browser.get("/office/").location == "/login?next=/office/"
    asked = "/office/core/accounts/?q=Jan+Testowy&state=all"
    door = browser.get(asked).location
    assert door.startswith("/login?next=")
    assert browser.get(door).status_code == 200
    answer = browser.post(door, data={"username": "jan", "password": people.PASSWORD})
    assert (answer.status_code, answer.location) == (302, asked)


def test_the_page_says_who_where_and_since_when(browser, jan):
    browser.enter("jan")
    text = browser.get("/account").text
    for words in ("Jan Testowy", "Director", "North"):
        assert words in text
    assert "This session" in browser.get("/account/sessions").text


def test_a_person_without_a_post_is_told_so(browser, person, world):
    person("new", None, region_no=world.district)
    browser.enter("new")
    assert browser.get("/start").location == "/account"
    assert "You have no post yet" in browser.get("/account").text


def test_whoever_is_signed_in_needs_no_form(browser, jan):
    browser.enter("jan")
    assert browser.get("/login").status_code == 302


class TestFixation:
    """Nothing that was in the browser before signing in is there after it (ASVS V7.2.4)."""

    def test_what_was_planted_is_gone(self, browser, jan):
        with browser.client.session_transaction() as session:
            session.update(
                sign_in="planted",
                post=99,
                places={"1": "Planted"},
                csrf_token="planted",
                language="pl",
                other="x",
            )
        planted = browser.cookie
        browser.enter("jan")
        session = browser.session
        assert session["language"] == "pl"
        assert session["sign_in"] != "planted"
        assert not {"post", "places", "other"} & set(session)
        assert session.get("csrf_token") != "planted"
        assert browser.cookie != planted

    def test_the_cookie_of_before_opens_nothing(self, browser, browsers, jan):
        browser.get("/login")
        before = browser.cookie
        browser.enter("jan")
        other = browsers()
        other.bring(before)
        assert not here(other)

    def test_each_sign_in_has_its_own_key(self, browsers, jan):
        one, two = browsers(), browsers()
        one.enter("jan")
        two.enter("jan")
        assert one.session["sign_in"] != two.session["sign_in"]
        one.post("/logout")
        assert here(two)

    def test_a_copied_cookie_dies_with_signing_out(self, browser, browsers, jan):
        browser.enter("jan")
        thief = browsers()
        thief.bring(browser.cookie)
        assert here(thief)
        browser.post("/logout")
        assert not here(thief)

    def test_the_browser_forgets_what_was_seen(self, browser, browsers, jan):
        """Also where the session was ended elsewhere: the next answer says so (ASVS V14.3.1)."""
        browser.enter("jan")
        assert "Clear-Site-Data" not in browser.get("/account").headers
        thief = browsers()
        thief.bring(browser.cookie)
        assert browser.post("/logout").headers["Clear-Site-Data"] == '"cache", "storage"'
        assert thief.get("/account").headers["Clear-Site-Data"] == '"cache", "storage"'
        for one in (browser, thief, browsers()):
            assert "Clear-Site-Data" not in one.get("/login").headers, "once is enough"

    def test_somebody_elses_key_does_not_fit(self, browsers, jan, person, world):
        person("eve", "front_desk", world.facilities[0])
        one, two = browsers(), browsers()
        one.enter("jan")
        two.enter("eve")
        with two.client.session_transaction() as session:
            session["_user_id"] = one.session["_user_id"]
        assert not here(two)


class TestEnding:
    """Sessions end by themselves when their reason ends."""

    def acted(self, browser, act):
        browser.enter("jan")
        assert here(browser)
        with scopes.system("act in a test"):
            from core.db.base import db

            act()
            db.session.commit()
        return here(browser)

    def test_with_a_new_role(self, browser, jan, world):
        assert not self.acted(
            browser, lambda: accounts.give(jan, role="accountant", place=world.facilities[0], reason="x")
        )
        browser.enter("jan")
        assert here(browser)

    def test_with_the_end_of_a_post(self, browser, jan):
        [(post,)] = people.run("select id from core.post")
        assert not self.acted(browser, lambda: accounts.end(post, reason="x"))

    def test_with_suspension_and_leaving(self, browser, jan):
        assert not self.acted(browser, lambda: accounts.suspend(jan, reason="x"))
        assert "did not work" in browser.enter("jan").text

    def test_with_leaving(self, browser, jan):
        assert not self.acted(browser, lambda: accounts.leave(jan, reason="x"))

    def test_after_a_working_day(self, browser, jan, time_machine):
        time_machine.move_to(datetime.now(UTC))
        browser.enter("jan")
        for _ in range(int(LONGEST.total_seconds() // 3600) - 1):
            time_machine.shift(timedelta(minutes=59))
            browser.get("/account")
        time_machine.shift(timedelta(minutes=30))
        assert here(browser)
        time_machine.shift(timedelta(hours=1))
        assert not here(browser)

    def test_after_silence(self, browser, jan, app, time_machine):
        time_machine.move_to(datetime.now(UTC))
        browser.enter("jan")
        time_machine.shift(app.permanent_session_lifetime + timedelta(seconds=5))
        assert not here(browser)

    def test_elsewhere_when_asked(self, browsers, jan):
        one, two = browsers(), browsers()
        one.enter("jan")
        two.enter("jan")
        assert one.post("/account/sign-ins").location == "/account/sessions"
        assert here(one)
        assert not here(two)

    def test_a_post_counts_its_days_at_its_place(self, browser, person, world, time_machine):
        """At 23:30 UTC it is the next morning in Seoul: a post from that day on holds.

        One until the day before does not.
        """
        person("early", "director", world.facilities[0], first_day=date(2026, 11, 22))
        person("over", "director", world.facilities[0], last_day=date(2026, 11, 21))
        time_machine.move_to("2026-11-21T23:30:00Z")
        browser.enter("early")
        assert browser.get("/start").location == "/office/"
        browser.post("/logout")
        browser.enter("over")
        assert browser.get("/start").location == "/account"


class TestOneAnswer:
    """Nobody learns which accounts exist, wait or are suspended."""

    @pytest.fixture
    def everybody(self, person, world):
        place = world.facilities[0]
        person("wrong-", "director", place)
        person("shut--", "director", place, failed_logins=9)
        person("pause-", "director", place, state="suspended")
        person("gone--", "director", place, state="left")
        person("newone", "director", place, password=None, activated_at=None)
        people.run(
            "update core.account set locked_until = now() + interval '10 minutes' where login = 'shut--'"
        )
        return ["nobody", "wrong-", "shut--", "pause-", "gone--", "newone"]

    def test_the_same_bytes(self, browsers, everybody):
        bodies = set()
        for login in everybody:
            answer = browsers().enter(login, "not the password" if login == "wrong-" else people.PASSWORD)
            assert answer.status_code == 200
            plain = re.sub(r'value="[^"]{30,}"|nonce="[^"]*"', "", answer.text.replace(login, "LOGIN"))
            bodies.add((plain, tuple(sorted(set(answer.headers.keys())))))
        assert len(bodies) == 1
        assert "did not work" in bodies.pop()[0]

    def test_empty_fields_are_said_beside_the_field(self, browser):
        text = browser.post("/login", data={"username": "", "password": ""}).text
        assert text.count("Please fill this in.") == 2
        assert people.run("select 1 from core.sign_in") == []

    def test_a_storm_over_the_page_ends_by_itself(self, browser, jan, monkeypatch, time_machine):
        monkeypatch.setattr(lockout, "FLOOR", 0.0)
        time_machine.move_to("2026-11-21T09:00:00Z", tick=False)
        for _ in range(30):
            browser.enter("jan", "guess")
            time_machine.shift(20)
        assert not here(browser)
        time_machine.shift(lockout.LONGEST_WAIT)
        assert browser.enter("jan").status_code == 302

    def test_no_password_comes_back(self, browser, jan):
        assert "hunter2-hunter2" not in browser.enter("jan", "hunter2-hunter2").text


class TestTokens:
    """Every form carries a token (CSRF)."""

    @pytest.fixture(autouse=True)
    def guarded(self, config):
        config(WTF_CSRF_ENABLED=True)

    def token(self, browser, page="/login"):
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(page).text)[1]

    def test_every_post_without_one_is_400(self, app, browser, jan):
        """Generated from the address map, so that no later route is forgotten."""
        browser.enter("jan", csrf_token=self.token(browser))
        assert here(browser)
        asked = 0
        for rule in app.url_map.iter_rules():
            if hasattr(app.view_functions[rule.endpoint], "for_machines"):
                continue  # programs prove themselves by a secret of their own
            for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
                values = {
                    name: "1" if type(rule._converters[name]).__name__ == "IntegerConverter" else "x"
                    for name in rule.arguments
                }
                url = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
                answer = browser.open(url, method=method)
                assert answer.status_code == 400, (rule, answer.status_code)
                asked += 1
        assert asked >= 6
        assert here(browser), "still signed in: the forged sign-out was refused too"

    def test_with_one_it_passes(self, browser, jan):
        assert browser.enter("jan", csrf_token=self.token(browser)).status_code == 302
        token = self.token(browser, "/account")
        assert browser.post("/language", data={"to": "ko", "csrf_token": token}).status_code == 302
        assert browser.post("/logout", data={"csrf_token": token}).status_code == 302
        assert not here(browser)

    def test_htmx_sends_it_in_a_header(self, browser, jan):
        browser.enter("jan", csrf_token=self.token(browser))
        token = self.token(browser, "/account")
        assert browser.post("/language", data={"to": "ko"}, headers={"X-CSRFToken": token}).status_code == 302
        assert (
            browser.post(
                "/language", data={"to": "ko"}, headers={"X-CSRFToken": token[:-2] + "xx"}
            ).status_code
            == 400
        )

    def test_a_token_of_before_signing_in_is_worthless_after(self, browser, jan):
        before = self.token(browser)
        browser.enter("jan", csrf_token=before)
        assert browser.post("/logout", data={"csrf_token": before}).status_code == 400

    def test_another_persons_token_is_worthless(self, browsers, jan, person, world):
        person("eve", "front_desk", world.facilities[0])
        one, two = browsers(), browsers()
        one.enter("jan", csrf_token=self.token(one))
        two.enter("eve", csrf_token=self.token(two))
        assert one.post("/logout", data={"csrf_token": self.token(two, "/account")}).status_code == 400

    def test_the_page_of_400_says_what_to_do(self, browser):
        answer = browser.post("/login", data={"username": "a", "password": "b"})
        assert answer.status_code == 400
        assert "load it again" in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/ok\\..\\evil",
        "https:/evil.example",
        "%2F%2Fevil.example",
    ],
)
@pytest.mark.parametrize("door", ["login", "language"])
def test_no_return_to_a_foreign_host(browser, jan, wanted, door):
    if door == "login":
        answer = browser.post(
            "/login",
            query_string={"next": wanted},
            data={"username": "jan", "password": people.PASSWORD, "next": wanted},
        )
    else:
        answer = browser.get("/language", query_string={"to": "pl", "next": wanted})
    if answer.status_code == 302:
        assert re.fullmatch(r"/(?![/\\])[^\\\t]*", answer.location), answer.location
    else:
        assert answer.status_code == 200
        assert "evil.example" not in (answer.location or "")


def test_return_to_the_page_one_came_for(browser, jan):
    assert browser.enter("jan", next="/facilities?q=%EA%B9%80").location == "/facilities?q=%EA%B9%80"


def test_signing_in_is_noted_with_the_attempt(browser, jan):
    browser.enter("jan", "wrong")
    browser.enter("jan")
    assert people.run("select outcome, cause from core.sign_in order by id") == [
        ("refused", "password"),
        ("in", ""),
    ]
    assert people.column("last_login_at", jan) is not None
    kept = people.run("select s::text from core.sign_in s union all select c::text from core.change c")
    assert all(browser.session["sign_in"] not in row[0] for row in kept), "only the hash of the key"


def test_sessions_of_the_database_are_not_guessed(app):
    from core.security.identity import identify

    assert identify("x", "y") is None
    assert sign_ins.current() is None
