"""Schedules become rows: once for each moment, whoever looks and however often."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Thread

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs import daily, every, job
from core.jobs.cron import Clock
from core.jobs.delivery import drain
from core.security import scope as scopes

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # 21:00 in Seoul, 13:00 in Warsaw


@daily(at="02:00")
@job("props.night.tidy")
def tidy(on: date) -> None:
    raise NotImplementedError


@daily(at="02:00")
@job("props.night.close")
def close(zone: str, on: date) -> None:
    raise NotImplementedError


@every(hours=6)
@job("props.night.look")
def look() -> None:
    raise NotImplementedError


@pytest.fixture
def due(props, rows, app):
    props(tidy, close, look)
    with scopes.system("a region in another zone"):
        db.session.execute(sa.text("update core.region set timezone = 'Europe/Warsaw' where code = 'XA-2-1'"))
        db.session.execute(sa.text("update core.activation_version set v = v + 1"))
        db.session.commit()
    return lambda: [(r.name, r.key, r.payload) for r in rows() if r.module == "props"]


def test_each_moment_becomes_one_row_in_each_zone_asked_for(due, rows):
    clock = Clock()
    assert clock.tick(NOON) == len(rows()), "four of the props, and the host's own"
    assert sorted(due()) == [
        ("props.night.close", "due 2026-11-21@Asia/Seoul", {"zone": "Asia/Seoul", "on": "2026-11-21"}),
        ("props.night.close", "due 2026-11-21@Europe/Warsaw", {"zone": "Europe/Warsaw", "on": "2026-11-21"}),
        ("props.night.look", "due 2026-11-21T12:00Z", {}),
        ("props.night.tidy", "due 2026-11-21@Asia/Seoul", {"on": "2026-11-21"}),
    ]
    assert {r.actor for r in rows()} == {"scheduler"} and {r.place_no for r in rows()} == {0}
    assert clock.tick(NOON) == 0


def test_a_restart_or_a_second_scheduler_adds_nothing(due):
    assert Clock().tick(NOON) > 4
    assert Clock().tick(NOON) == 0
    assert len(due()) == 4


def test_schedulers_at_the_same_moment_make_one_row(due, app):
    new = []

    def tick():
        with app.app_context():
            new.append(Clock().tick(NOON))

    threads = [Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new)[:3] == [0, 0, 0] and len(due()) == 4


def test_the_next_moment_comes_and_a_missed_one_is_caught_up_once(due):
    clock = Clock()
    clock.tick(NOON)
    before = due()
    clock.tick(NOON.replace(hour=17))
    new = [name for name, key, payload in due() if (name, key, payload) not in before]
    assert sorted(new) == ["props.night.close", "props.night.tidy"], "02:00 in Seoul, not in Warsaw; looking is not due"
    clock.tick(NOON.replace(day=25))
    assert len(due()) == len(before) + 2 + 4, "three days nobody looked: each is done once"


def test_finished_work_is_forgotten_after_a_month_and_what_stopped_is_kept(due, rows, app):
    Clock().tick(NOON)
    with db.engines["system"].begin() as connection:
        age = "update core.outbox set {0}_at = clock_timestamp() - interval '{1} days' where name = '{2}'"
        connection.execute(sa.text(age.format("done", 31, "props.night.look")))
        connection.execute(sa.text(age.format("done", 29, "props.night.tidy")))
        connection.execute(sa.text(age.format("dead", 90, "props.night.close")))
    assert drain() == {"done": 4}, "the host's own nightly work"
    assert sorted(r.name for r in rows()) == [
        "core.account.disuse", "core.code.purge", "core.outbox.purge", "core.sign_in.purge",
        "props.night.close", "props.night.close", "props.night.tidy",
    ]  # fmt: skip
