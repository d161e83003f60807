"""One's own sessions: seen with time, browser and network, ended one by one; strange sign-ins told to their owner."""

from __future__ import annotations

from datetime import timedelta

import people
import pytest

from core.db.base import db
from core.jobs import handlers
from core.jobs.events import facts_of
from core.security import lockout, notices, sign_ins
from core.security import scope as scopes
from core.security.identity import LONGEST
from core.web.notices import NoticeRaised

CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18.5 Safari/604"


@pytest.fixture
def jan(person, world, monkeypatch):
    monkeypatch.setattr(lockout, "FLOOR", 0.0)
    return person("jan", "director", world.facilities[0])


def enter(browser, agent=CHROME, address="203.0.113.7", password=people.PASSWORD, login="jan"):
    return browser.post(
        "/login", data={"username": login, "password": password}, headers={"User-Agent": agent},
        environ_base={"REMOTE_ADDR": address},
    )  # fmt: skip


def here(browser):
    return browser.get("/account").status_code == 200


class TestOverview:
    def test_it_says_where_and_keeps_no_whole_address(self, browser, jan):
        enter(browser)
        page = browser.get("/account/sessions").text
        for words in ("Chrome · Windows", "203.0.113.0/24", "This session"):
            assert words in page
        kept = people.run("select s::text from core.sign_in s")
        assert all("203.0.113.7" not in row[0] and "AppleWebKit" not in row[0] for row in kept)

    def test_refused_attempts_are_seen_with_their_place(self, browser, browsers, jan):
        enter(browsers(), PHONE, "198.51.100.9", "wrong")
        enter(browser)
        page = browser.get("/account/sessions").text
        for words in ("wrong password", "Safari · iOS", "198.51.100.0/24"):
            assert words in page

    def test_one_session_is_ended(self, browser, browsers, jan):
        other, third = browsers(), browsers()
        for one in (other, third, browser):
            enter(one)
        number = people.run("select min(id) from core.sign_in")[0][0]
        assert browser.post(f"/account/sessions/{number}/end").location == "/account/sessions"
        assert [here(one) for one in (other, third, browser)] == [False, True, True]
        browser.post(f"/account/sessions/{number}/end")
        assert "has ended already" in browser.get("/account/sessions").text

    def test_all_others_are_ended(self, browser, browsers, jan):
        others = [browsers() for _ in range(3)]
        for one in (*others, browser):
            enter(one)
        browser.post("/account/sign-ins")
        assert "3 other sessions were ended" in browser.get("/account/sessions").text
        assert [here(one) for one in others] == [False] * 3
        assert here(browser)

    def test_nobody_ends_or_sees_another_persons(self, browser, browsers, jan, person, world):
        person("eve", "director", world.facilities[0])
        other = browsers()
        enter(other, PHONE, "198.51.100.9", login="eve")
        enter(browser)
        number = people.run("select min(id) from core.sign_in")[0][0]
        browser.post(f"/account/sessions/{number}/end")
        assert here(other)
        assert "Safari" not in browser.get("/account/sessions").text

    def test_what_is_over_by_itself_is_not_called_open(self, jan, time_machine):
        sign_ins.begin(jan)
        assert len(sign_ins.open_of(jan)) == 1
        from datetime import UTC, datetime

        time_machine.move_to(datetime.now(UTC) + LONGEST + timedelta(minutes=1))
        assert sign_ins.open_of(jan) == []

    def test_a_stranger_sees_nothing(self, browser):
        for path in ("/account/sessions", "/account/factors", "/account/confirm", "/account/factors/app"):
            assert browser.get(path).status_code == 401, path


class TestNotices:
    @pytest.fixture
    def told(self, monkeypatch):
        found = []
        monkeypatch.setattr(notices, "_outlets", [lambda who, kind, facts, place: found.append(NoticeRaised(who, kind, facts))])
        return found

    def test_a_new_browser_in_a_new_network_is_told(self, browser, browsers, jan, told):
        enter(browser)
        enter(browsers(), CHROME, "198.51.100.9")
        enter(browsers(), PHONE, "203.0.113.200")
        assert told == [], "one of the two alone changes every day"
        enter(browsers(), PHONE.replace("iPhone", "iPad").replace("Version/18.5 Safari", "FxiOS/9"), "192.0.2.1")
        assert told == [
            NoticeRaised(jan, "sign-in-elsewhere", (("browser", "Firefox · iOS"), ("network", "192.0.2.0/24")))
        ]

    def test_failures_before_a_success_are_told(self, browser, browsers, jan, told):
        enter(browser)
        for _ in range(3):
            enter(browsers(), PHONE, "198.51.100.9", "guess")
        assert told == [], "a storm of failures alone would be a way to flood somebody"
        enter(browsers())
        assert [one.kind for one in told] == ["sign-in-after-failures"]

    def test_it_goes_through_the_outbox_with_the_sign_in_or_not_at_all(self, browser, browsers, jan, monkeypatch, app):
        """The notice is a row of the same transaction: a receiver of the event gets it."""
        heard = []

        def hear(notice: NoticeRaised) -> None:
            """Hear of a notice"""
            heard.append(notice)

        hear.__module__ = "modules.nothing"
        mark = handlers.Mark("event", facts_of(NoticeRaised).name, "inside", "default", 5, NoticeRaised)
        book = handlers.book(app)
        monkeypatch.setitem(book.handlers, ("core.hear", mark.name), handlers.Handler("core.hear", "core", mark, hear, (), frozenset(), "x"))
        enter(browser)
        for _ in range(3):
            enter(browsers(), password="guess")
        enter(browsers())
        rows = people.run("select name, payload from core.outbox where name = 'core.NoticeRaised' and handler = 'core.hear'")
        assert [(name, payload["kind"], payload["account_id"]) for name, payload in rows] == [
            ("core.NoticeRaised", "sign-in-after-failures", jan)
        ]
        with scopes.system("a notice whose cause is undone"):
            notices.tell_owner(jan, "credential-changed", what="app-added")
            db.session.rollback()
        assert people.run("select count(*) from core.outbox where handler = 'core.hear'") == [(1,)]
