"""Soft lockout: growing waits that end by themselves, and one answer for everything that is wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import people
import pytest

from core.security import hashing, lockout, passwords, sign_ins


def attempt(login, password="wrong"):
    try:
        return lockout.attempt(login, password)
    except lockout.SignInRefused as refused:
        return str(refused)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(lockout, "FLOOR", 0.0)


@pytest.fixture
def jan(person, world):
    return person("jan", "director", world.facilities[0])


def causes():
    return [row[0] for row in people.run("select cause from core.sign_in order by id")]


def test_the_right_password_is_admitted_and_forgets_failures(jan, quick):
    for _ in range(3):
        assert "did not work" in attempt("jan")
    admitted = attempt(" JAN ", people.PASSWORD)
    assert (admitted.account_id, admitted.login) == (jan, "jan")
    sign_ins.begin(admitted.account_id, admitted.attempt_id)
    assert people.column("failed_logins", jan) == 0
    assert people.run("select outcome from core.sign_in order by id desc limit 1") == [("in",)]


def test_waits_grow_to_fifteen_minutes_and_no_further(jan, quick, time_machine):
    waits = []
    for _ in range(lockout.FREE + 9):
        attempt("jan")
        until = people.column("locked_until", jan)
        if until is None:
            waits.append(0)
            continue
        from datetime import UTC, datetime

        waits.append(round((until - datetime.now(UTC)).total_seconds()))
        time_machine.move_to(until + timedelta(milliseconds=1), tick=False)
    assert waits == [0] * 5 + [30, 60, 120, 240, 480, 900, 900, 900, 900]


def test_a_storm_does_not_lengthen_the_wait(jan, quick, time_machine):
    """Whatever an attacker does, 15 minutes after the last counted failure the owner gets in."""
    time_machine.move_to("2026-11-21T09:00:00Z", tick=False)
    for _ in range(40):
        attempt("jan")
        time_machine.shift(1)
    until = people.column("locked_until", jan)
    for _ in range(60):
        attempt("jan")
    assert people.column("locked_until", jan) == until
    assert "did not work" in attempt("jan", people.PASSWORD), "waiting: also the right password"
    time_machine.shift(lockout.LONGEST_WAIT)
    assert attempt("jan", people.PASSWORD).account_id == jan


def test_after_a_quiet_time_counting_begins_anew(jan, quick, time_machine):
    time_machine.move_to("2026-11-21T09:00:00Z", tick=False)
    for _ in range(lockout.FREE + 1):
        attempt("jan")
    time_machine.shift(lockout.LONGEST_WAIT * 3)
    attempt("jan")
    assert people.column("failed_logins", jan) == 1
    assert people.column("locked_until", jan) is None


def test_attempts_side_by_side_are_all_counted(app, jan, quick, monkeypatch):
    """Parallel guesses cannot share one count: after the free ones.

    One waits and all others meet the wait.
    """
    for name, room in zip(("_hashes", "_attempts"), hashing.rooms(64), strict=True):
        monkeypatch.setattr(hashing, name, room)

    def one(_):
        with app.app_context():
            return attempt("jan")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(one, range(24)))
    assert len(answers) == 1
    assert people.column("failed_logins", jan) == lockout.FREE + 1
    assert sorted(causes()) == ["locked"] * (24 - lockout.FREE - 1) + ["password"] * (lockout.FREE + 1)


@pytest.fixture
def everybody(person, world, quick):
    """One login for each way to be refused."""
    place = world.facilities[0]
    person("wrong", "director", place)
    person("locked", "director", place)
    person("suspended", "director", place, state="suspended")
    person("gone", "director", place, state="left")
    person("new", "director", place, password=None, activated_at=None)
    for _ in range(lockout.FREE + 1):
        attempt("locked")
    people.run("delete from core.sign_in")
    return {
        "unknown": "unknown",
        "wrong": "password",
        "locked": "locked",
        "suspended": "suspended",
        "gone": "left",
        "new": "password",
    }


def test_every_refusal_says_the_same_and_the_cause_is_kept_inside(everybody):
    answers = {attempt(login, people.PASSWORD if login != "wrong" else "wrong") for login in everybody}
    assert len(answers) == 1
    assert causes() == list(everybody.values())


@pytest.mark.parametrize("login", ["", "\0", "jan\0", "x" * 100_000, "' or 1=1 --", "ｊａｎ", "%"])
def test_hostile_logins_are_simply_refused(jan, quick, login):
    assert "did not work" in attempt(login, "wrong")


@pytest.mark.parametrize("password", ["\0", "x" * 100_000, "ż\u0301" * 5000, "\ud800"])
def test_hostile_passwords_are_simply_refused(jan, quick, password):
    assert "did not work" in attempt("jan", password)


def test_every_refusal_takes_the_same_time(everybody, monkeypatch):
    """On a clock of its own, so that a stalling machine says nothing: hashing costs 0.1 s, the rest is waited out."""
    clock = SimpleNamespace(now=0.0)
    clock.perf_counter = lambda: clock.now
    clock.sleep = lambda seconds: setattr(clock, "now", clock.now + seconds)
    real = passwords.matches

    def hashing(password, stored):
        clock.sleep(0.1)
        return real(password, stored)

    monkeypatch.setattr(lockout, "FLOOR", 0.4)
    monkeypatch.setattr(lockout, "time", clock)
    monkeypatch.setattr(passwords, "matches", hashing)
    for login in everybody:
        began = clock.now
        attempt(login, "wrong")
        assert clock.now - began == pytest.approx(0.4), login


def test_without_the_floor_the_same_hashing_is_done(everybody, monkeypatch):
    seen = []
    real = passwords.matches
    monkeypatch.setattr(
        passwords, "matches", lambda password, stored: seen.append(stored is None) or real(password, stored)
    )
    for login in everybody:
        attempt(login, "wrong")
    assert len(seen) == len(everybody), "one comparison each, whatever was wrong"
