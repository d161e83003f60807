"""Signing in with a second step: app, recovery codes, tries that count, sessions that begin only after it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import people
import pytest
import stepping

from core.db.base import db
from core.security import links, lockout, second_step
from core.security import scope as scopes
from core.security.accounts import Account

NOW = "2026-11-21T09:00:05Z"


@pytest.fixture(autouse=True)
def at_nine(time_machine, monkeypatch):
    """A clock that stands, so that a code is the code of its period."""
    monkeypatch.setattr(lockout, "FLOOR", 0.0)
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def jan(person, world):
    return person("jan", "director", world.facilities[0], name="Jan Testowy")


@pytest.fixture
def phone(browser, jan, at_nine):
    """Jan has an app, has signed out and comes back a minute later."""
    browser.enter("jan")
    made = stepping.set_up(browser)
    browser.recovery = stepping.codes(browser)
    browser.post("/logout")
    at_nine.shift(60)
    return made


def here(browser):
    return browser.get("/account").status_code == 200


class TestApp:
    @pytest.mark.rule("A5-11")
    def test_the_password_alone_opens_nothing(self, browser, phone):
        answer = browser.enter("jan")
        assert (answer.status_code, answer.location) == (302, "/login/second")
        assert not here(browser)
        page = browser.get("/login/second")
        assert "Jan Testowy" in page.text
        assert page.headers["Cache-Control"] == "private, no-store"

    def test_password_and_code_do(self, browser, phone):
        browser.enter("jan")
        answer = browser.post("/login/second", data={"code": stepping.code(phone)})
        assert (answer.status_code, answer.location) == (302, "/start")
        assert here(browser)
        assert people.run("select second from core.sign_in order by id desc limit 1") == [("app",)]

    def test_spaces_in_the_code_do_not_matter(self, browser, phone):
        browser.enter("jan")
        shown = stepping.code(phone)
        assert browser.post("/login/second", data={"code": f" {shown[:3]} {shown[3:]} "}).status_code == 302
        assert here(browser)

    def test_one_comes_back_to_the_page_asked_for(self, browser, phone):
        browser.enter("jan", next="/office/core/accounts/?q=x")
        assert browser.post("/login/second", data={"code": stepping.code(phone)}).location == "/office/core/accounts/?q=x"

    @pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example"])
    def test_and_to_no_foreign_host(self, browser, phone, wanted):
        browser.enter("jan", next=wanted)
        answer = browser.post("/login/second", data={"code": stepping.code(phone)})
        assert re.fullmatch(r"/(?![/\\])[^\\]*", answer.location)

    def test_a_code_works_once(self, browser, browsers, phone):
        """A code read over the shoulder is worthless, also within its 30 seconds (replay)."""
        shown, other = stepping.code(phone), browsers()
        for one in (browser, other):
            one.enter("jan")
        assert browser.post("/login/second", data={"code": shown}).status_code == 302
        answer = other.post("/login/second", data={"code": shown})
        assert answer.status_code == 200
        assert "does not fit" in answer.text
        assert not here(other)

    def test_nor_twice_at_the_same_moment(self, app, browsers, phone):
        shown, both = stepping.code(phone), [browsers() for _ in range(4)]
        for one in both:
            one.enter("jan")
        people.run("update core.account set failed_logins = 0, locked_until = null")
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda one: one.post("/login/second", data={"code": shown}).status_code, both))
        assert answers.count(302) == 1, answers

    def test_the_first_code_of_the_set_up_is_used_too(self, browser, jan, at_nine):
        browser.enter("jan")
        made = stepping.set_up(browser)
        browser.post("/logout")
        browser.enter("jan")
        assert "does not fit" in browser.post("/login/second", data={"code": stepping.code(made)}).text

    @pytest.mark.parametrize(
        ("moment", "good"), [("09:00:59", False), ("09:01:00", True), ("09:01:29", True), ("09:01:30", False)]
    )
    def test_a_code_lives_half_a_minute(self, browser, phone, at_nine, moment, good):
        shown = stepping.code(phone)  # of 09:01:00 to 09:01:30
        at_nine.move_to(f"2026-11-21T{moment}Z", tick=False)
        browser.enter("jan")
        answer = browser.post("/login/second", data={"code": shown})
        assert (answer.location == "/start") is good

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\0" * 6, "x" * 5000, "000000"])
    def test_what_is_no_code_is_refused_in_words(self, browser, phone, typed):
        browser.enter("jan")
        answer = browser.post("/login/second", data={"code": typed})
        assert answer.status_code == 200
        assert 'class="error"' in answer.text
        assert not here(browser)

    def test_somebody_elses_code_does_not_fit(self, browser, browsers, phone, person, world, at_nine):
        person("eve", "director", world.facilities[0])
        other = browsers()
        other.enter("eve")
        hers = stepping.set_up(other)
        at_nine.shift(60)
        browser.enter("jan")
        assert browser.post("/login/second", data={"code": stepping.code(hers)}).status_code == 200


class TestTries:
    """Whoever has the password guesses codes no more often than passwords."""

    def test_wrong_codes_count_and_the_wait_ends_by_itself(self, browser, phone, at_nine):
        browser.enter("jan")
        answers = [browser.post("/login/second", data={"code": f"{n:06}"}) for n in range(8)]
        assert answers[-1].location == "/login", "the wait has begun: not even the right code is looked at"
        browser.enter("jan")
        assert not here(browser)
        at_nine.shift(lockout.LONGEST_WAIT)
        browser.enter("jan")
        assert browser.post("/login/second", data={"code": stepping.code(phone)}).status_code == 302
        assert here(browser)

    def test_the_right_password_forgives_no_wrong_codes(self, browser, phone, jan):
        """Else five codes and the password again would be guesses without end."""
        tried = 0
        for _ in range(10):
            browser.enter("jan")
            for n in range(5):
                answer = browser.post("/login/second", data={"code": f"{n:06}"})
                tried += answer.status_code == 200
        assert tried == lockout.FREE + 1, "the one that begins the wait is looked at too"
        assert people.column("locked_until", jan) is not None

    def test_the_owner_sees_them(self, browser, phone, at_nine):
        browser.enter("jan")
        browser.post("/login/second", data={"code": "000000"})
        at_nine.shift(30)
        browser.post("/login/second", data={"code": stepping.code(phone)})
        assert "wrong code" in browser.get("/account/sessions").text

    def test_a_password_without_its_step_is_shown_too(self, browser, browsers, phone, at_nine):
        browsers().enter("jan")
        at_nine.shift(30)
        browser.enter("jan")
        browser.post("/login/second", data={"code": stepping.code(phone)})
        assert "right password, second step not passed" in browser.get("/account/sessions").text


class TestWaiting:
    """Between password and step: nothing is open, and it ends."""

    def test_nothing_waits_without_a_password(self, browser, phone):
        for answer in (browser.get("/login/second"), browser.post("/login/second", data={"code": stepping.code(phone)})):
            assert (answer.status_code, answer.location) == (302, "/login")

    def test_it_ends_after_ten_minutes(self, browser, phone, at_nine):
        browser.enter("jan")
        at_nine.shift(second_step.OPEN_FOR + timedelta(seconds=1))
        answer = browser.post("/login/second", data={"code": stepping.code(phone)})
        assert answer.location == "/login"
        assert "begin again" in browser.get("/login").text
        assert not here(browser)

    @pytest.mark.parametrize("change", ["state = 'suspended'", "fs_uniquifier = 'another'"])
    def test_it_ends_with_the_account_or_its_password(self, browser, phone, change):
        browser.enter("jan")
        people.run(f"update core.account set {change} where login = 'jan'")
        assert browser.post("/login/second", data={"code": stepping.code(phone)}).location == "/login"
        assert not here(browser)

    def test_one_password_opens_one_session(self, browser, browsers, phone, at_nine):
        """A copy of the cookie between the steps, and the next code: the attempt is used up."""
        browser.enter("jan")
        thief = browsers()
        thief.bring(browser.cookie)
        assert browser.post("/login/second", data={"code": stepping.code(phone)}).status_code == 302
        at_nine.shift(30)
        assert thief.post("/login/second", data={"code": stepping.code(phone)}).location == "/login"
        assert not here(thief)

    def test_a_planted_session_is_gone(self, browser, phone):
        with browser.client.session_transaction() as session:
            session.update(post=99, other="x", language="pl")
        browser.enter("jan")
        assert set(browser.session) & {"post", "other"} == set()
        browser.post("/login/second", data={"code": stepping.code(phone)})
        assert "pending" not in browser.session


def test_a_new_password_by_link_bypasses_no_second_step(browser, phone, jan):
    """Reset or activation gives the password only (ASVS V6.4.3)."""
    with scopes.system("a link for a test"):
        token = links.make(db.session.get_one(Account, jan), "reset")
        db.session.commit()
    new = "cztery konie w zimowym ogrodzie"
    assert browser.post(f"/activate/{token}", data={"password": new, "password_confirm": new}).location == "/login"
    assert browser.enter("jan", new).location == "/login/second"
    assert not here(browser)


class TestRecovery:
    def test_ten_codes_each_works_once(self, browser, browsers, phone, jan):
        assert len(set(browser.recovery)) == 10
        browser.enter("jan")
        assert browser.post("/login/second", data={"code": browser.recovery[3]}).location == "/start"
        assert stepping.held(jan).codes_left == 9
        other = browsers()
        other.enter("jan")
        assert "does not fit" in other.post("/login/second", data={"code": browser.recovery[3]}).text
        assert other.post("/login/second", data={"code": browser.recovery[4]}).status_code == 302

    def test_as_people_copy_them_from_paper(self, browser, phone):
        browser.enter("jan")
        copied = browser.recovery[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert browser.post("/login/second", data={"code": copied}).status_code == 302

    def test_new_ones_replace_the_old(self, browser, phone, at_nine):
        browser.enter("jan")
        browser.post("/login/second", data={"code": stepping.code(phone)})
        new = stepping.codes(browser)
        assert len(new) == 10
        assert not set(new) & set(browser.recovery)
        browser.post("/logout")
        browser.enter("jan")
        assert browser.post("/login/second", data={"code": browser.recovery[5]}).status_code == 200
        assert browser.post("/login/second", data={"code": new[5]}).status_code == 302

    def test_only_their_hashes_are_kept_and_no_secret_is_readable(self, browser, phone, jan):
        kept = people.run("select c::text from core.change c union all select r::text from core.recovery_code r")
        text = " ".join(row[0] for row in kept)
        for one in browser.recovery:
            assert one not in text
            assert one.replace("-", "") not in text
        [(secret,)] = people.run("select secret from core.authenticator")
        assert phone.key not in bytes(secret)
        assert phone.base32_key.encode() not in bytes(secret)
        assert bytes(secret).hex() not in text, "the history keeps no sealed secret either"

    def test_without_a_second_step_there_are_none(self, browser, jan):
        browser.enter("jan")
        answer = browser.post("/account/factors/codes")
        assert answer.location == "/account/factors"
        assert people.run("select 1 from core.recovery_code") == []
