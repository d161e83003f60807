"""Effects outside the database: a lease, a heartbeat, and a key by which a repetition is known."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Thread

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.jobs import Progress, attempts, enqueue, job
from core.jobs.delivery import drain
from core.jobs.handlers import BadHandler
from core.jobs.progress import LeaseLost, NoCheckpoint
from core.jobs.relay import sweep
from core.security import scope as scopes


def put(name, **payload):
    with scopes.system("test"):
        number = enqueue(name, **payload)
        db.session.commit()
    return number


def expire(number):
    with db.engines["system"].begin() as connection:
        connection.execute(
            sa.text("update core.outbox set lease_until = clock_timestamp() - interval '1 s' where id = :i"),
            {"i": number},
        )


def test_the_key_is_the_same_in_every_attempt_and_begins_with_the_id(props, rows, work, make_due):
    keys = []

    @job("props.bell.ring", effect="outside")
    def ring(idempotency_key: str, times: int):
        keys.append(idempotency_key)
        if len(keys) == 1:
            raise ConnectionError("the line is dead")

    props(ring)
    number = put("props.bell.ring", times=3)
    assert work(number) == "failed"
    [row] = rows()
    assert row.error.startswith("ConnectionError: the line is dead") and row.lease_until is row.token is None
    make_due(number)
    assert work(number) == "done"
    assert len(set(keys)) == 1 and keys[0].startswith(f"{number}-")
    assert [(a.number, a.outcome) for a in rows.attempts()] == [(1, "failed"), (2, "done")]


def test_no_transaction_is_open_while_the_handler_talks_to_the_world(props, work):
    idle = []

    @job("props.bell.listen", effect="outside")
    def listen(idempotency_key: str):
        query = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
        with running().owner.connect() as owner:
            idle.append(owner.scalar(sa.text(query)))

    props(listen)
    assert work(put("props.bell.listen")) == "done" and idle == [0]


def test_a_lease_keeps_others_away_and_is_renewed_while_the_work_lasts(props, app, work, effects, monkeypatch):
    monkeypatch.setattr(running(), "settings", replace(running().settings, lease_seconds=3))

    @job("props.bell.long", effect="outside")
    def long(idempotency_key: str):
        time.sleep(5)  # the lease would have run out
        effects.add("rung")

    props(long)
    number = put("props.bell.long")
    results = []

    def run():
        with app.app_context():
            results.append(work(number))

    thread = Thread(target=run)
    thread.start()
    while thread.is_alive():
        time.sleep(0.3)
        assert sweep() == 0
        assert work(number, "w2") in ("taken", None)
    assert results == ["done"] and effects() == ["rung"]


def test_a_dead_workers_lease_runs_out_and_the_work_is_repeated_at_once(props, rows, work, effects):
    @job("props.bell.ring", effect="outside")
    def ring(idempotency_key: str):
        effects.add("rung")

    props(ring)
    number = put("props.bell.ring")
    with db.engines["system"].begin() as connection:
        assert attempts.claim(connection, [number], "the late worker", 60)
        assert attempts.claim(connection, [number], "w2", 60) == []
    assert sweep() == 0
    expire(number)
    assert work(number) == "taken", "an expired lease is ended by the sweep first, so that its attempt counts"
    assert sweep() == 1
    assert work(number) == "done" and effects() == ["rung"]
    assert [(a.number, a.worker, a.outcome) for a in rows.attempts()] == [
        (1, "the late worker", "died"),
        (2, "w1", "done"),
    ]
    assert rows()[0].error.startswith("Its worker died or hung")


def test_what_kills_its_workers_ends_as_dead(props, rows):
    @job("props.bell.burst", effect="outside", retries=2)
    def burst(idempotency_key: str):
        raise NotImplementedError

    props(burst)
    number = put("props.bell.burst")
    for _ in range(3):
        with db.engines["system"].begin() as connection:
            assert attempts.claim(connection, [number], "w", 60)
        expire(number)
        sweep()
    assert rows()[0].dead_at and rows()[0].attempts == 3


def test_who_lost_the_lease_changes_nothing_more(props, rows, work, effects):
    @job("props.bell.zombie", effect="outside")
    def zombie(idempotency_key: str):
        effects.add("late")
        expire(number)
        sweep()

    props(zombie)
    number = put("props.bell.zombie")
    assert work(number) == "taken"
    assert effects() == [], "its last step was undone"
    assert not rows()[0].done_at and [a.outcome for a in rows.attempts()] == ["died"]


def test_a_lost_failure_is_not_counted_twice(props, rows, work):
    @job("props.bell.zombie", effect="outside")
    def zombie(idempotency_key: str):
        expire(number)
        sweep()
        raise ValueError("too late")

    props(zombie)
    number = put("props.bell.zombie")
    assert work(number) == "taken" and rows()[0].attempts == 1


def test_off_modules_reach_nobody(props, rows, work, world):
    @job("props.bell.ring", effect="outside")
    def ring(idempotency_key: str):
        raise NotImplementedError

    props(ring)
    assert work(put("props.bell.ring", place=world.far[0])) == "skipped"
    assert (
        rows()[0].skipped_at
        and rows()[0].token is None
        and [a.outcome for a in rows.attempts()] == ["skipped"]
    )


def test_a_long_job_goes_on_at_its_cursor_and_each_chunk_happens_once(props, rows, work, effects):
    stop_at = [4]

    @job("props.shelf.fill", effect="outside", queue="slow")
    def fill(progress: Progress, boxes: int):
        """Fill the shelf"""
        progress.expect(boxes)
        for box in range(progress.cursor.get("box", 0), boxes):
            effects.add(box)
            progress.step(message=f"box {box}")
            if stop_at and box == stop_at[0]:
                stop_at.clear()
                raise SystemExit("killed")
            progress.checkpoint({"box": box + 1})
        progress.result(boxes=boxes)

    props(fill)
    number = put("props.shelf.fill", boxes=6)
    assert [(r.title, r.state, r.done, r.total) for r in rows.runs()] == [
        ("Fill the shelf", "waiting", 0, None)
    ]
    with pytest.raises(SystemExit):
        work(number)
    [run] = rows.runs()
    assert (run.state, run.total, run.cursor) == ("running", 6, {"at": {"box": 4}, "done": 4})
    expire(number)
    sweep()
    assert rows.runs()[0].state == "waiting"
    assert work(number) == "done"
    assert effects() == [str(n) for n in range(6)]
    [run] = rows.runs()
    assert (run.state, run.done, run.total, run.message, run.result) == ("done", 6, 6, "box 5", {"boxes": 6})


def test_a_zombie_cannot_checkpoint(props, work, effects):
    caught = []

    @job("props.shelf.fill", effect="outside")
    def fill(progress: Progress):
        effects.add("one")
        progress.checkpoint({"n": 1})
        effects.add("two")
        expire(number)
        sweep()
        try:
            progress.checkpoint({"n": 2})
        except LeaseLost as error:
            caught.append(str(error))
            raise

    props(fill)
    number = put("props.shelf.fill")
    assert work(number) == "taken" and effects() == ["one"]
    assert caught == [f"Job {number} is being done by another worker."]


def test_progress_shows_while_the_work_is_one_open_transaction(props, rows, work):
    shown = []

    @job("props.shelf.count")
    def count(progress: Progress):
        for _ in range(1000):
            progress.step(message="counting")
        shown.append(rows.runs()[0])
        with pytest.raises(NoCheckpoint, match='declare effect="outside"'):
            progress.checkpoint({"n": 1})

    props(count)
    assert work(put("props.shelf.count")) == "done"
    assert shown[0].state == "running" and 1 <= shown[0].done < 1000, "saved at a bounded rate"
    assert rows.runs()[0].done == 1000 and rows.runs()[0].state == "done"


def test_a_dead_long_job_shows_as_failed(props, rows, work):
    @job("props.shelf.drop", retries=0)
    def drop(progress: Progress):
        raise ValueError("crash")

    props(drop)
    assert work(put("props.shelf.drop")) == "failed"
    assert rows.runs()[0].state == "failed" and rows()[0].dead_at


@dataclass(frozen=True)
class Ring:
    """One ring of several that go together."""

    bell: str
    idempotency_key: str


@pytest.fixture
def together(props, effects):
    """A handler that rings several bells at once: what it was called with, one list a call."""
    calls = []

    @job("props.bell.chime", effect="outside", retries=2)
    def chime(rings: Sequence[Ring]):
        calls.append([one.bell for one in rings])
        assert len({one.idempotency_key for one in rings}) == len(rings)
        if any(one.bell == "cracked" for one in rings):
            raise ConnectionError("a bell is cracked")
        for one in rings:
            effects.add(one.bell)

    props(chime)
    return calls


def test_what_one_sender_wants_at_one_place_goes_together(together, rows, effects, world):
    """One claim, one call, one commit; another place or another reason is another group."""
    here, there = world.district, world.other_district
    for place, bell in ((here, "a"), (there, "b"), (here, "c"), (here, "d")):
        put("props.bell.chime", place=place, bell=bell)
    assert drain()["done"] == 4
    assert together == [["a", "c", "d"], ["b"]] and effects() == ["a", "c", "d", "b"]
    assert [(one.number, one.outcome) for one in rows.attempts()] == [(1, "done")] * 4
    assert all(row.done_at and row.token is None and row.lease_until is None for row in rows())


def test_what_failed_together_is_tried_again_alone(together, rows, effects, make_due):
    """One that cannot be done keeps nobody else from going, and is the only one that ends as dead."""
    numbers = [put("props.bell.chime", bell=bell) for bell in ("a", "cracked", "c")]
    assert +drain() == {"failed": 3}
    assert effects() == [], "nothing of a failed group stays"
    for _ in range(2):
        for number in numbers:
            make_due(number)
        drain()
    assert together == [["a", "cracked", "c"], ["a"], ["cracked"], ["c"], ["cracked"]]
    assert effects() == ["a", "c"]
    assert [bool(row.dead_at) for row in rows()] == [False, True, False]


def test_a_group_of_a_dead_worker_comes_back_one_by_one(together, rows, effects):
    numbers = [put("props.bell.chime", bell=bell) for bell in ("a", "b", "c")]
    with db.engines["system"].begin() as connection:
        mine = attempts.claim(connection, numbers, "the late worker", 60)
        assert [one.id for one in mine] == numbers and len({one.token for one in mine}) == 1
        assert attempts.hold(connection, mine, 60)
    with db.engines["system"].begin() as connection:
        assert attempts.orphans(connection, numbers[0], "another worker") == []
        lost = attempts.orphans(connection, numbers[0], "the late worker")
        assert sorted(one.id for one in lost) == numbers
        for one in lost:
            attempts.end(connection, one, "died", "killed")
    assert drain()["done"] == 3
    assert together == [["a"], ["b"], ["c"]] and effects() == ["a", "b", "c"]


def test_a_group_that_lost_one_row_changes_nothing(together, rows, effects):
    """Somebody gave one of them up meanwhile: none of the group's effects is kept, and none is ended."""
    numbers = [put("props.bell.chime", bell=bell) for bell in ("a", "b")]
    with db.engines["system"].begin() as connection:
        mine = attempts.claim(connection, numbers, "w", 60)
        attempts.end(connection, mine[1], "died", "given up")
    with db.engines["system"].connect() as connection:
        assert not attempts.done(connection, mine)
        connection.rollback()
    assert not any(row.done_at for row in rows())


def test_together_is_for_effects_outside_only(props):
    @job("props.bell.hum")
    def hum(rings: Sequence[Ring]):
        raise NotImplementedError

    with pytest.raises(BadHandler, match="is taken together"):
        props(hum)
