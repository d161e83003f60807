"""Effects inside the database: once, whole or not at all."""

from __future__ import annotations

from threading import Thread

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs import enqueue, job, on, publish
from core.jobs.events import event
from core.jobs.inside import BrokenTransaction
from core.security import access
from core.security import scope as scopes


@event
class ToyBroken:
    toy_id: int
    by: str = "a child"


def test_effect_and_end_are_one(props, rows, effects, work, world):
    seen = []

    @on(ToyBroken)
    def mend(happened):
        me = scopes.current()
        seen.append((happened, me.kind, me.actor, me.reason, me.language, me.place, access.asked()))
        effects.add(happened.toy_id)

    props(mend)
    with scopes.use(scopes.Scope("system", "account:7", "spring cleaning", language="ko")):
        [number] = publish(ToyBroken(5), place=world.facilities[0])
        db.session.commit()
    assert work(number) == "done"
    assert effects() == ["5"]
    reason = f"event {ToyBroken.__event__.name} for module props (outbox {number}): spring cleaning"
    assert seen == [(ToyBroken(5), "system", "account:7", reason, "ko", world.facilities[0], [])]
    [row], [attempt] = rows(), rows.attempts()
    assert row.done_at and row.attempts == 1 and not row.error
    assert (attempt.outbox_id, attempt.number, attempt.worker, attempt.outcome) == (number, 1, "w1", "done")
    assert work(number) is None, "what is done is not due"
    assert effects() == ["5"]


def test_handlers_speak_the_senders_language(props, work, world):
    import flask_babel

    said = []

    @job("props.toy.name")
    def name():
        said.append(str(flask_babel.get_locale()))

    props(name)
    with scopes.use(scopes.Scope("system", "x", "test", language="pl")):
        number = enqueue("props.toy.name")
        db.session.commit()
    assert work(number) == "done" and said == ["pl"]


def test_a_failure_is_undone_kept_and_tried_again_ever_later_until_it_is_dead(
    props, rows, effects, work, make_due, world
):
    @job("props.toy.paint", retries=2)
    def paint(color: str):
        effects.add(color)
        raise ValueError(f"no {color} left\nDETAIL: secret")

    props(paint)
    with scopes.system("test"):
        number = enqueue("props.toy.paint", color="red")
        db.session.commit()
    pauses = []
    for attempt in (1, 2, 3):
        assert work(number) == "failed"
        [row] = rows()
        pauses.append((row.available_at - row.last_error_at).total_seconds())
        assert (
            row.attempts == attempt and row.offered_at is None and (row.dead_at is not None) == (attempt == 3)
        )
        make_due(number)
    assert [round(p) for p in pauses[:2]] == [5, 20]
    assert effects() == [], "nothing of a failed attempt remains"
    assert row.error.startswith("ValueError: no red left (tests/core/jobs/test_inside.py:")
    assert [a.outcome for a in rows.attempts()] == ["failed"] * 3
    assert work(number) is None, "the dead wait for people"


def test_database_errors_keep_the_values_of_rows_out_of_the_message(props, rows, work, world):
    @job("props.toy.double")
    def double():
        db.session.execute(sa.text("insert into core.place values (1, :r), (1, :r)"), {"r": world.district})

    props(double)
    with scopes.system("test"):
        number = enqueue("props.toy.double")
        db.session.commit()
    assert work(number) == "failed"
    [row] = rows()
    assert row.error.startswith("UniqueViolation: duplicate key value violates unique constraint")
    assert "DETAIL" not in row.error and "Key (no)" not in row.error


def test_what_commit_would_refuse_is_the_handlers_failure(props, rows, effects, work, app):
    from core.host.running import running

    with running().owner.begin() as owner:
        owner.execute(sa.text("create table props.pair (a int unique deferrable initially deferred)"))
        owner.execute(sa.text("grant insert on props.pair to dolbom_system"))

    @job("props.toy.pair")
    def pair():
        effects.add("before")
        db.session.execute(sa.text("insert into props.pair values (1), (1)"))

    props(pair)
    with scopes.system("test"):
        number = enqueue("props.toy.pair")
        db.session.commit()
    assert work(number) == "failed"
    assert rows()[0].error.startswith("UniqueViolation") and effects() == []


@pytest.mark.parametrize("sin", ["commit", "rollback", "swallowed commit"])
def test_a_handler_that_ends_the_transaction_is_refused_and_leaves_nothing(props, rows, effects, work, sin):
    @job("props.toy.sin")
    def handler():
        effects.add("one")
        if sin == "rollback":
            db.session.rollback()
            effects.add("two")
        elif sin == "commit":
            db.session.commit()
        else:
            try:
                db.session.commit()
            except BrokenTransaction:
                effects.add("two")

    props(handler)
    with scopes.system("test"):
        number = enqueue("props.toy.sin")
        db.session.commit()
    assert work(number) == "failed"
    [row] = rows()
    assert row.error.startswith("BrokenTransaction") and row.attempts == 1 and not row.done_at
    assert effects() == []


def test_a_handler_may_use_savepoints(props, effects, work):
    @job("props.toy.careful")
    def careful():
        effects.add("kept")
        inner = db.session.begin_nested()
        effects.add("dropped")
        inner.rollback()
        with db.session.begin_nested():
            effects.add("kept too")

    props(careful)
    with scopes.system("test"):
        number = enqueue("props.toy.careful")
        db.session.commit()
    assert work(number) == "done" and effects() == ["kept", "kept too"]


def test_two_workers_at_one_row_make_one_effect(props, effects, work, app):
    @job("props.toy.race")
    def race():
        effects.add("once")
        db.session.execute(sa.text("select pg_sleep(0.3)"))

    props(race)
    with scopes.system("test"):
        number = enqueue("props.toy.race")
        db.session.commit()
    results = []

    def run(name):
        with app.app_context():
            results.append(work(number, name))

    threads = [Thread(target=run, args=(f"w{n}",)) for n in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(str(r) for r in results if r != "taken") == ["done"] and effects() == ["once"]


def test_off_modules_get_nothing_and_the_row_says_why(props, rows, effects, work, world):
    @on(ToyBroken)
    def mend(happened):
        effects.add(happened.toy_id)

    props(mend)
    with scopes.system("test"):
        [number] = publish(ToyBroken(1), place=world.far[0])
        db.session.commit()
    assert work(number) == "skipped"
    [row] = rows()
    assert row.skipped_at and not row.done_at and effects() == []
    assert row.error.startswith(f"props was not switched on at place {world.far[0]} on ")
    assert [a.outcome for a in rows.attempts()] == ["skipped"]


def test_what_concerns_a_region_is_delivered_when_the_module_is_on_in_one_of_its_places(
    props, effects, work, world
):
    @job("props.toy.count")
    def count():
        effects.add("counted")

    props(count)
    with scopes.system("test"):
        numbers = [
            enqueue("props.toy.count", place=place) for place in (world.country, world.other_city, None)
        ]
        db.session.commit()
    assert [work(number) for number in numbers] == ["done", "skipped", "done"]
    assert effects() == ["counted"] * 2


def test_a_row_whose_function_is_gone_fails_readably_and_is_not_lost(props, app, rows, work):
    @job("props.toy.gone")
    def gone():
        raise NotImplementedError

    props(gone)
    with scopes.system("test"):
        number = enqueue("props.toy.gone")
        db.session.commit()
    app.extensions.pop("dolbom.jobs")
    assert work(number) == "failed"
    [row] = rows()
    assert (
        row.error.startswith("UnknownHandler: props.gone no longer handles props.toy.gone: install")
        and not row.dead_at
    )


def test_a_payload_of_another_version_fails_readably(props, rows, work, app):
    @job("props.toy.count")
    def count(many: int):
        raise NotImplementedError

    props(count)
    with scopes.system("test"):
        number = enqueue("props.toy.count", many=3)
        db.session.execute(sa.text("update core.outbox set payload = '{\"few\": 3}'"))
        db.session.commit()
    assert work(number) == "failed"
    assert rows()[0].error.startswith(
        "BadPayload: props.toy.count: few is not declared, many is missing; it takes many."
    )
