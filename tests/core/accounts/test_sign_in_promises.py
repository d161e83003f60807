"""Promises that hold whatever happens: no wait beyond 15 minutes, no code twice, no session without its second step."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import people
import pytest
import stepping
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db.base import db
from core.security import lockout, second_step
from core.security import scope as scopes
from core.security.factors import apps, holding, recovery

NOW = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)
CAMPAIGN = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def jan(person, world, monkeypatch, time_machine):
    monkeypatch.setattr(lockout, "FLOOR", 0.0)
    time_machine.move_to(NOW, tick=False)
    return person("jan", "director", world.facilities[0])


@pytest.fixture
def phone(jan):
    made = stepping.app_of(apps.begin(jan, "jan").key)
    holding.add_app(jan, stepping.code(made), 0)
    return made


def forget(jan):
    people.run("update core.account set failed_logins = 0, locked_until = null where id = :a", a=jan)
    people.run("update core.authenticator set last_counter = null")
    people.run("delete from core.sign_in")


def right(jan, login="jan"):
    """Whether the right password is let in now."""
    with suppress(lockout.SignInRefused):
        return lockout.attempt(login, people.PASSWORD).account_id == jan
    return False


def longest_wait():
    until = people.run("select locked_until from core.account where login = 'jan'")[0][0]
    return timedelta() if until is None else until - datetime.now(UTC)


storms = st.lists(
    st.tuples(st.sampled_from(["password", "code", "right"]), st.integers(0, 1500)), min_size=1, max_size=40
)


@pytest.mark.rule("S1-241")
@CAMPAIGN
@given(storm=storms)
def test_no_storm_ever_locks_anybody_out_for_more_than_fifteen_minutes(jan, phone, time_machine, storm):
    """Wrong passwords, wrong codes and right passwords in any order and rhythm; then a quarter of an hour of quiet."""
    time_machine.move_to(NOW, tick=False)
    forget(jan)
    for kind, pause in storm:
        with suppress(lockout.SignInRefused, second_step.StepRefused):
            if kind == "code":
                second_step.by_code(jan, "000000")
            else:
                lockout.attempt("jan", "guess" if kind == "password" else people.PASSWORD)
        assert longest_wait() <= lockout.LONGEST_WAIT
        time_machine.shift(pause)
    time_machine.shift(lockout.LONGEST_WAIT)
    assert right(jan)


def test_the_control_a_wait_without_bounds_breaks_the_promise(jan, monkeypatch):
    monkeypatch.setattr(lockout, "LONGEST_WAIT", timedelta(days=1))
    for _ in range(12):
        people.run("update core.account set locked_until = now() - interval '1 second' where locked_until is not null")
        with suppress(lockout.SignInRefused):
            lockout.attempt("jan", "guess")
    assert longest_wait() > timedelta(minutes=15)


def use(jan, code):
    with scopes.system("try a code"):
        good = apps.matches(jan, code)
        db.session.commit()
    return good


@CAMPAIGN
@given(moves=st.lists(st.tuples(st.integers(-90, 120), st.booleans()), min_size=1, max_size=30))
def test_no_code_of_an_app_ever_works_twice(jan, phone, time_machine, moves):
    """However the clock moves, also backwards, and whether the newest or an older code is tried."""
    time_machine.move_to(NOW, tick=False)
    forget(jan)
    taken, shown = [], []
    for pause, again in moves:
        time_machine.shift(pause)
        shown.append(stepping.code(phone))
        tried = shown[0] if again else shown[-1]
        if use(jan, tried):
            taken.append((tried, int(datetime.now(UTC).timestamp()) // 30))
    assert len({period for _, period in taken}) == len(taken)


def test_the_control_without_a_memory_of_the_last_period_it_works_twice(jan, phone, time_machine):
    time_machine.shift(60)
    code = stepping.code(phone)
    assert use(jan, code)
    assert not use(jan, code)
    people.run("update core.authenticator set last_counter = null")
    assert use(jan, code)


@CAMPAIGN
@given(typed=st.text(max_size=30))
def test_nothing_typed_by_chance_is_a_recovery_code(jan, typed):
    with scopes.system("codes for a test"):
        made = recovery.make(jan)
        assert recovery.matches(jan, typed) is (recovery.normalized(typed) in map(recovery.normalized, made))
        assert recovery.matches(jan, made[0]), "the control"
        assert not recovery.matches(jan, made[0])
        db.session.rollback()


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=12, max_size=12))
def test_a_code_survives_the_way_over_paper(code):
    said = recovery.written(code).lower().replace("0", "o").replace("1", "i").replace("-", " – ")
    assert recovery.normalized(said) == code
