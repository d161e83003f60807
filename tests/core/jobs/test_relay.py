"""What is rung, how often, and what happens when Redis forgets everything."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import pytest
import redis
import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.jobs import attempts, enqueue, job, relay
from core.jobs.bell import Bell, Ring
from core.jobs.cron import Clock
from core.jobs.queues import QUEUES
from core.jobs.relay import Relay
from core.security import scope as scopes


@job("props.top.spin")
def spin(number: int = 0) -> None:
    raise NotImplementedError


@job("props.top.carve", queue="slow")
def carve() -> None:
    raise NotImplementedError


@pytest.fixture
def bell(props, app, monkeypatch):
    props(spin, carve)
    monkeypatch.setattr(Clock, "tick", lambda self: 0)
    Bell(running().servers).connection.flushdb()
    return Relay(app)


def put(count, name="props.top.spin", **facts):
    with scopes.system("test"):
        ids = [enqueue(name, **facts) for _ in range(count)]
        db.session.commit()
    return ids


def rung(r, queue="default"):
    """The ids in the bell, ring by ring, the next one first."""
    jobs = r.bell.queues[queue].get_jobs()
    return [list(j.args[0]) for j in jobs]


def test_what_is_due_is_rung_once_and_shared_between_two(bell):
    ids = put(5)
    assert bell.offer(QUEUES["default"]) is False
    assert rung(bell) == [ids[:3], ids[3:]]
    assert bell.offer(QUEUES["default"]) is False and len(rung(bell)) == 2


def test_the_bell_stays_short(bell):
    put(130)
    put(25, "props.top.carve")
    assert bell.turn() is True
    assert [len(ring) for ring in rung(bell)] == [50, 50]
    assert [len(ring) for ring in rung(bell, "slow")] == [1] * 20
    assert bell.turn() is True and len(rung(bell)) == 2
    bell.bell.queues["default"].empty()
    assert bell.turn() is True
    assert sum(len(ring) for ring in rung(bell)) == 30, "the lost hundred is younger than eight seconds"


def test_a_lost_bell_is_rung_again_and_first(bell, app):
    ids = put(4)
    bell.offer(QUEUES["default"])
    bell.bell.connection.flushall()
    assert bell.offer(QUEUES["default"]) is False and rung(bell) == [], "not before eight seconds have passed"
    with db.engines["system"].begin() as connection:
        connection.execute(sa.text("update core.outbox set offered_at = offered_at - interval '9 s'"))
    fresh = put(2)
    bell.offer(QUEUES["default"])
    assert [n for ring in rung(bell) for n in sorted(ring)][-2:] == fresh
    assert sorted(n for ring in rung(bell)[:2] for n in ring) == ids


def test_what_waits_in_the_bell_is_not_rung_again_however_long(bell, app):
    put(3)
    eager = Relay(app, again_after=0)
    eager.offer(QUEUES["default"])
    eager.offer(QUEUES["default"])
    assert sum(len(ring) for ring in rung(eager)) == 3
    taken = eager.bell.queues["default"].pop_job_id()
    assert Ring.read(taken).count == 2
    eager.offer(QUEUES["default"])
    assert sum(len(ring) for ring in rung(eager)) == 3, (
        "the two that left the bell are lost: nobody works on them"
    )


def test_rows_in_somebodys_hands_or_not_due_are_not_rung(bell, app):
    leased, locked, later, paused = (*put(2), *put(1, delay=timedelta(minutes=1)), *put(1))
    eager = Relay(app, again_after=0)
    with db.engines["system"].begin() as connection:
        attempts.claim(connection, [leased], "w", 60)
        attempts.end(connection, attempts.lock(connection, paused, "w"), "failed", "x")
    with db.engines["system"].begin() as connection:
        assert attempts.lock(connection, locked, "w")
        eager.offer(QUEUES["default"])
        assert rung(eager) == []
    eager.offer(QUEUES["default"])
    assert rung(eager) == [[locked]]
    assert later


def test_a_long_tail_is_rung_in_whole_rings(bell, app):
    """Each ring is a fork: while workers are busy the bell is filled up by whole rings, never by what just fits."""
    queue = QUEUES["default"]
    put(queue.room + 3 * queue.batch)
    relay = Relay(app)
    assert relay.offer(queue), "more is due than there is room for"
    sizes = []
    while relay.bell.waiting(queue):
        sizes.append(Ring.read(relay.bell.queues["default"].pop_job_id()).count)
        if len(sizes) < 4:
            relay.offer(queue)
    assert sizes == [queue.batch] * 5


def test_two_relays_share_the_work(bell, app):
    put(40)
    relays = [Relay(app) for _ in range(4)]

    def offer(r):
        with app.app_context():
            r.offer(QUEUES["default"])

    threads = [Thread(target=offer, args=(r,)) for r in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [n for ring in rung(bell) for n in ring]
    assert len(ids) == len(set(ids)) == 40


def test_a_commit_wakes_the_relay_before_its_next_look(bell, app, monkeypatch):
    monkeypatch.setattr(relay, "_POLL", 300.0)
    stop, woken = Event(), Event()
    turns = []

    def turn(self):
        turns.append(1)
        if len(turns) > 1:
            woken.set()
        return False

    monkeypatch.setattr(Relay, "turn", turn)
    thread = Thread(target=relay.run, args=(app, stop))
    thread.start()
    while not turns:
        woken.wait(0.05)
    put(1)
    assert woken.wait(60)
    stop.set()
    put(1)
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    "lost", [redis.ConnectionError("gone"), sa.exc.OperationalError("x", {}, Exception("gone"))]
)
def test_the_relay_waits_for_a_lost_server(bell, app, monkeypatch, lost):
    monkeypatch.setattr(relay, "_POLL", 0.05)
    stop = Event()
    seen = []

    def turn(self):
        seen.append(1)
        if len(seen) < 3:
            raise lost
        stop.set()
        return False

    monkeypatch.setattr(Relay, "turn", turn)
    relay.run(app, stop)
    assert len(seen) == 3


def test_queues_of_two_databases_never_meet(app):
    from dataclasses import replace

    mine = running().servers
    other = replace(
        mine, system_url=mine.system_url.replace("dolbom_main", "dolbom_other").replace("dolbom_gw", "x")
    )
    far = replace(mine, system_url="postgresql://dolbom_system:secret@db.example:5433/dolbom")
    same = replace(mine, system_url="postgresql://dolbom_system:changed@db.example:5433/dolbom")
    assert len({each.in_redis("fast") for each in (mine, other, far)}) == 3
    assert far.in_redis("fast") == same.in_redis("fast") != far.in_redis("slow")
