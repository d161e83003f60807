"""RQ's worker as a whole, in this process with its forks: rings, crashes, timeouts, leftovers."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.jobs import enqueue, event, job, on, publish, worker
from core.jobs.bell import Bell
from core.jobs.cron import Clock
from core.jobs.queues import QUEUES
from core.security import scope as scopes
from core.testing import mark_dirty


@event
class CupBroken:
    cup: int


@pytest.fixture
def burst(app, monkeypatch):
    """Run a worker until nothing is due; signal handlers are put back."""
    monkeypatch.setattr(Clock, "tick", lambda self: 0)
    Bell(running().servers).connection.flushdb()
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield lambda **facts: worker.run(app, burst=True, **facts)
    for number, handler in kept.items():
        signal.signal(number, handler)
    mark_dirty()


def put(name, count=1, **payload):
    with scopes.system("test"):
        ids = [enqueue(name, **payload) for _ in range(count)]
        db.session.commit()
    return ids


def test_events_and_jobs_are_done_in_forks_with_connections_of_their_own(props, rows, effects, burst):
    @on(CupBroken)
    def sweep_up(broken: CupBroken):
        effects.add(f"{broken.cup} in {os.getpid() != parent}")
        enqueue("props.cup.buy", number=broken.cup)

    @job("props.cup.buy", queue="slow")
    def buy(number: int):
        effects.add(f"bought {number}")

    parent = os.getpid()
    props(sweep_up, buy)
    with scopes.system("test"):
        for number in range(12):
            publish(CupBroken(number))
        db.session.commit()
    burst()
    assert sorted(effects()) == sorted(
        [f"{n} in True" for n in range(12)] + [f"bought {n}" for n in range(12)]
    )
    assert all(r.done_at and r.attempts == 1 for r in rows())
    names = {a.worker for a in rows.attempts() if a.outcome != "skipped"}
    assert all(str(parent) in name for name in names)
    with scopes.system("the parent's connections still work"):
        assert db.session.scalar(sa.text("select 1")) == 1


def test_a_row_that_kills_its_workers_ends_as_dead_and_takes_nothing_with_it(props, rows, effects, burst):
    @job("props.cup.drop", retries=1)
    def drop():
        effects.add("lost")
        os.kill(os.getpid(), signal.SIGKILL)

    @job("props.cup.wash")
    def wash():
        effects.add("washed")

    props(drop, wash)
    [number] = put("props.cup.drop")
    put("props.cup.wash", 3)
    burst()
    [dead] = [r for r in rows() if r.dead_at]
    assert dead.id == number and dead.error == "Its process ended in the middle: SIGKILL."
    assert effects() == ["washed"] * 3
    assert [(a.number, a.outcome) for a in rows.attempts() if a.outbox_id == number] == [
        (1, "died"),
        (2, "died"),
    ]


def test_a_lease_of_a_killed_child_is_freed_at_once(props, rows, effects, burst):
    @job("props.cup.send", effect="outside", retries=1)
    def send(idempotency_key: str):
        effects.add(idempotency_key)
        db.session.commit()
        if len(effects()) == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    props(send)
    put("props.cup.send")
    burst()
    first, second = effects()
    assert first == second, "the receiver knows the repetition"
    assert [a.outcome for a in rows.attempts()] == ["died", "done"] and rows()[0].done_at


def test_a_handler_that_hangs_is_stopped_and_counted(props, rows, effects, burst, monkeypatch):
    monkeypatch.setitem(QUEUES, "default", replace(QUEUES["default"], seconds=1))

    @job("props.cup.wait", retries=0)
    def wait():
        time.sleep(60)

    @job("props.cup.wash")
    def wash():
        effects.add("washed")

    props(wait, wash)
    put("props.cup.wait")
    put("props.cup.wash")
    burst()
    [dead] = [r for r in rows() if r.dead_at]
    assert dead.error.startswith("JobTimeoutException: ") and effects() == ["washed"]


def test_a_worker_may_serve_one_queue_only(props, rows, burst):
    @job("props.cup.buy", queue="slow")
    def buy():
        raise NotImplementedError

    props(buy)
    put("props.cup.buy")
    burst(queues=("default",))
    assert rows()[0].attempts == 0
