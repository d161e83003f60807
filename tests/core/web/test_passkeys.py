"""Passkeys: enrolled by their owner, good for one answer each, at this site only, with the owner's finger on them."""

from __future__ import annotations

import json
from datetime import timedelta

import people
import pytest
import stepping
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from softkey import PRESENT, SoftKey

from core.security import lockout
from core.security.factors import passkeys
from core.web import proving, typed_numbers


@pytest.fixture(autouse=True)
def at_nine(time_machine, monkeypatch):
    monkeypatch.setattr(lockout, "FLOOR", 0.0)
    time_machine.move_to("2026-11-21T09:00:05Z", tick=False)
    return time_machine


@pytest.fixture
def jan(person, world):
    return person("jan", "director", world.facilities[0], name="Jan Testowy")


def add(browser, key, name="My phone", **how):
    question = browser.post("/account/factors/passkeys/question").json
    return browser.post("/account/factors/passkeys", data={"answer": key.create(question, **how), "name": name})


@pytest.fixture
def key(browser, jan):
    """Jan has a passkey and has signed out."""
    browser.enter("jan")
    made = SoftKey()
    assert add(browser, made).location == "/account/factors"
    browser.post("/logout")
    return made


def enter(browser, key, **how):
    question = browser.post("/login/passkey/question").json
    return browser.post("/login/passkey", data={"answer": key.get(question, **how)})


def here(browser):
    return browser.get("/account").status_code == 200


class TestAlone:
    """A passkey instead of the password."""

    def test_it_signs_in(self, browser, key, jan):
        assert enter(browser, key).location == "/start"
        assert here(browser)
        assert people.run("select second, cause from core.sign_in order by id desc limit 1") == [("passkey", "")]
        assert stepping.held(jan).passkeys[0].last_used_at is not None

    def test_also_while_a_storm_of_passwords_makes_the_account_wait(self, browser, key, jan):
        for _ in range(20):
            browser.enter("jan", "guess")
        assert people.column("locked_until", jan) is not None
        assert enter(browser, key).location == "/start"

    def test_to_the_page_asked_for_and_no_foreign_host(self, browser, browsers, key):
        for wanted, leads in (("/office/core/accounts/", "/office/core/accounts/"), ("//evil.example", "/start")):
            one = browsers()
            question = one.post("/login/passkey/question").json
            assert one.post("/login/passkey", data={"answer": key.get(question), "next": wanted}).location == leads

    def test_an_answer_counts_once(self, browser, browsers, key):
        """Whoever copies the answer with the cookie that carries its challenge gets nothing (replay)."""
        question = browser.post("/login/passkey/question").json
        answer, thief = key.get(question), browsers()
        thief.bring(browser.cookie)
        assert browser.post("/login/passkey", data={"answer": answer}).location == "/start"
        refused = thief.post("/login/passkey", data={"answer": answer})
        assert refused.location == "/login"
        assert not here(thief)

    @pytest.mark.parametrize(
        "how",
        [
            {"origin": "https://evil.example"},
            {"rp": "evil.example"},
            {"flags": PRESENT},  # nobody put a finger on it
            {"flags": 0},
            {"count": 0},  # a copy of the key would stand where the key stood
        ],
    )
    def test_what_the_standard_refuses_is_refused(self, browser, browsers, key, how):
        assert enter(browsers(), key).location == "/start", "the control: the same key without the fault"
        assert enter(browser, key, **how).location == "/login"
        assert "did not work" in browser.get("/login").text
        assert not here(browser)

    def test_without_a_question_there_is_no_answer(self, browser, browsers, key):
        question = browsers().post("/login/passkey/question").json
        assert browser.post("/login/passkey", data={"answer": key.get(question)}).location == "/login"

    def test_the_question_of_another_purpose_does_not_do(self, browser, key, jan):
        browser.enter("jan")
        question = browser.post("/login/second/question").json
        assert browser.post("/login/passkey", data={"answer": key.get(question)}).location == "/login"
        assert not here(browser)

    def test_a_question_grows_old(self, browser, key, at_nine):
        question = browser.post("/login/passkey/question").json
        at_nine.shift(passkeys.LASTS + timedelta(seconds=1))
        assert browser.post("/login/passkey", data={"answer": key.get(question)}).location == "/login"

    @pytest.mark.parametrize("state", ["suspended", "left"])
    def test_a_suspended_or_closed_account_stays_closed(self, browser, key, state):
        people.run("update core.account set state = :state where login = 'jan'", state=state)
        assert enter(browser, key).location == "/login"

    def test_an_unknown_key_is_refused(self, browser, key):
        assert enter(browser, SoftKey()).location == "/login"

    def test_somebody_elses_signature_is_refused(self, browser, key):
        other = SoftKey()
        other.id = key.id
        assert enter(browser, other).location == "/login"


def test_a_challenge_is_long_and_never_the_same(browsers, key):
    from softkey import raw

    one = browsers()
    asked = [raw(one.post("/login/passkey/question").json["challenge"]) for _ in range(20)]
    assert min(map(len, asked)) >= 32
    assert len(set(asked)) == 20


class TestAsStep:
    """A passkey after the password."""

    def test_the_password_then_leads_to_it(self, browser, key):
        assert browser.enter("jan").location == "/login/second"
        question = browser.post("/login/second/question").json
        assert [one["id"] for one in question["allowCredentials"]] == [json.loads(key.get(question))["id"]]
        assert browser.post("/login/second/passkey", data={"answer": key.get(question)}).location == "/start"
        assert here(browser)

    def test_somebody_elses_passkey_does_not_pass(self, browser, browsers, key, person, world):
        person("eve", "director", world.facilities[0])
        other, hers = browsers(), SoftKey()
        other.enter("eve")
        add(other, hers)
        browser.enter("jan")
        question = browser.post("/login/second/question").json
        assert browser.post("/login/second/passkey", data={"answer": hers.get(question)}).location == "/login/second"
        assert not here(browser)

    def test_without_a_password_there_is_no_question(self, browser, key):
        assert browser.post("/login/second/question").status_code == 401


class TestKeeping:
    def test_the_same_key_is_not_kept_for_two_people(self, browser, browsers, key, person, world):
        person("eve", "director", world.facilities[0])
        other = browsers()
        other.enter("eve")
        assert add(other, key).location == "/account/factors"
        assert "did not work" in other.get("/account/factors").text
        assert people.run("select count(*) from core.passkey") == [(1,)]

    @pytest.mark.parametrize("how", [{"origin": "https://evil.example"}, {"rp": "evil.example"}, {"flags": PRESENT}])
    def test_a_bad_one_is_not_kept(self, browser, jan, how):
        browser.enter("jan")
        add(browser, SoftKey(), **how)
        assert people.run("select count(*) from core.passkey") == [(0,)]
        add(browser, SoftKey())
        assert people.run("select count(*) from core.passkey") == [(1,)], "the control"

    def test_at_most_ten(self, browser, jan):
        browser.enter("jan")
        for _ in range(passkeys.MOST):
            add(browser, SoftKey())
        answer = browser.post("/account/factors/passkeys/question")
        assert answer.status_code == 409
        assert "remove one" in answer.text

    def test_its_name_is_shown_as_text(self, browser, jan):
        browser.enter("jan")
        add(browser, SoftKey(), name="<b>my\n phone</b>" + "x" * 99)
        page = browser.get("/account/factors").text
        assert "&lt;b&gt;my phone&lt;/b&gt;" in page
        assert "<b>my" not in page

    def test_adding_and_removing_ends_the_other_sessions(self, browser, browsers, jan):
        other = browsers()
        for one in (browser, other):
            one.enter("jan")
        add(browser, SoftKey())
        assert here(browser)
        assert not here(other)

    def test_nobody_removes_another_persons(self, browser, browsers, key, person, world, jan):
        person("eve", "director", world.facilities[0])
        other = browsers()
        other.enter("eve")
        add(other, SoftKey())
        number = stepping.held(jan).passkeys[0].id
        other.post(f"/account/factors/passkeys/{number}/remove")
        assert len(stepping.held(jan).passkeys) == 1
        assert "not there any more" in other.get("/account/factors").text


class TestProof:
    """A fresh proof before one changes how one signs in."""

    ACTS = (
        "/account/factors/app/remove", "/account/factors/passkeys/question", "/account/factors/passkeys",
        "/account/factors/passkeys/1/remove", "/account/factors/codes",
    )  # fmt: skip

    def old(self, browser, at_nine):
        browser.enter("jan")
        at_nine.shift(proving.FRESH + timedelta(seconds=1))

    def test_each_act_wants_one(self, browser, jan, at_nine):
        self.old(browser, at_nine)
        for path in self.ACTS:
            assert browser.post(path).location == "/account/confirm?next=/account/factors", path
        assert browser.get("/account/factors/app").location == "/account/confirm?next=/account/factors/app"
        assert browser.get("/account/factors").status_code == 200, "looking needs none"

    def test_the_password_is_one(self, browser, jan, at_nine):
        self.old(browser, at_nine)
        answer = browser.post("/account/confirm", data={"password": people.PASSWORD, "next": "/account/factors/app"})
        assert answer.location == "/account/factors/app"
        assert browser.get("/account/factors/app").status_code == 200
        assert people.column("failed_logins", jan) == 0
        assert people.run("select count(*) from core.sign_in where outcome = 'refused'") == [(0,)]

    def test_the_session_gets_a_new_key(self, browser, browsers, jan, at_nine):
        """A copy of the cookie from before opens nothing after the proof (ASVS V7.2.4)."""
        browser.enter("jan")
        thief = browsers()
        thief.bring(browser.cookie)
        assert here(thief)
        browser.post("/account/confirm", data={"password": people.PASSWORD})
        assert here(browser)
        assert not here(thief)

    def test_ending_sessions_wants_one_too(self, browser, jan, at_nine):
        self.old(browser, at_nine)
        assert browser.post("/account/sign-ins").location == "/account/confirm?next=/account/sessions"
        assert browser.post("/account/sessions/1/end").location == "/account/confirm?next=/account/sessions"

    def test_a_wrong_one_counts_towards_the_wait(self, browser, jan, at_nine):
        self.old(browser, at_nine)
        for _ in range(lockout.FREE + 1):
            page = browser.post("/account/confirm", data={"password": "wrong"})
            assert "not your password" in page.text
        assert "not your password" in browser.post("/account/confirm", data={"password": people.PASSWORD}).text
        assert browser.get("/account/factors/app").status_code == 302

    def test_the_password_alone_is_none_for_who_has_a_second_step(self, browser, jan, at_nine):
        browser.enter("jan")
        phone = stepping.set_up(browser)
        at_nine.shift(proving.FRESH + timedelta(seconds=1))
        assert "does not fit" in browser.post("/account/confirm", data={"password": people.PASSWORD}).text
        answer = browser.post("/account/confirm", data={"password": people.PASSWORD, "code": stepping.code(phone)})
        assert answer.location == "/account"
        assert browser.post("/account/factors/codes").status_code == 200

    def test_a_passkey_is_one(self, browser, key, at_nine):
        enter(browser, key)
        at_nine.shift(proving.FRESH + timedelta(seconds=1))
        assert browser.post("/account/factors/codes").status_code == 302
        question = browser.post("/account/confirm/question").json
        assert browser.post("/account/confirm/passkey", data={"answer": key.get(question)}).location == "/account"
        assert browser.post("/account/factors/codes").status_code == 200

    def test_somebody_elses_passkey_is_none(self, browser, browsers, key, person, world, at_nine):
        person("eve", "director", world.facilities[0])
        other = browsers()
        other.enter("eve")
        at_nine.shift(proving.FRESH + timedelta(seconds=1))
        question = other.post("/account/confirm/question").json
        assert other.post("/account/confirm/passkey", data={"answer": key.get(question)}).location.startswith("/account/confirm")
        assert other.get("/account/factors/app").status_code == 302


def test_digits_of_an_answer_are_no_national_number(app, browsers, key):
    """What a device signed may hold any digits; what a person types beside it may not."""
    one = browsers()
    good = json.loads(key.get(one.post("/login/passkey/question").json))
    good["response"]["clientDataJSON"] = 9_707_041_000_000
    assert one.post("/login/passkey", data={"answer": json.dumps(good)}).location == "/login"
    assert one.post("/login/passkey", data={"answer": "x", "next": "970704-1000000"}).status_code == 422
    assert set(app.view_functions) >= typed_numbers.SIGNED, "each is still a page"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_mangled_answer_ever_signs_in_or_breaks(browsers, key, data):
    """Cut, doubled, emptied or replaced parts of a right answer: always refused in words, never a failure of ours."""
    one = browsers()
    question = one.post("/login/passkey/question").json
    good = json.loads(key.get(question))
    field = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "id", "rawId", "type", "response"]))
    wrong = data.draw(
        st.one_of(st.text(max_size=40), st.none(), st.integers(), st.lists(st.integers(), max_size=2), st.just({}))
    )
    (good["response"] if field in good["response"] else good)[field] = wrong
    answer = data.draw(st.sampled_from([json.dumps(good), json.dumps(good)[:-5], json.dumps([good])]))
    assert one.post("/login/passkey", data={"answer": answer}).location == "/login"
    assert not here(one)


def test_the_control_of_the_campaign_signs_in(browsers, key):
    one = browsers()
    question = one.post("/login/passkey/question").json
    assert one.post("/login/passkey", data={"answer": json.dumps(json.loads(key.get(question)))}).location == "/start"
