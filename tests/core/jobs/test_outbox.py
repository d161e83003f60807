"""Writing intents: in the sender's transaction, at the sender's own places, once for each key."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden
from core.jobs import enqueue, event, job, on, publish
from core.jobs.handlers import UnknownHandler
from core.jobs.payloads import BadPayload
from core.security import access
from core.security import scope as scopes
from core.security.rows import OutOfScope
from core.testing import NOBODY


@event
class DoorOpened:
    door: int


@on(DoorOpened)
def greet(opened: DoorOpened) -> None:
    raise NotImplementedError


@on(DoorOpened)
def count(opened: DoorOpened) -> None:
    raise NotImplementedError


@job("props.door.paint", retries=3, queue="slow")
def paint(color: str) -> None:
    raise NotImplementedError


@pytest.fixture
def doors(props):
    props(greet, count, paint)


def test_each_receiver_gets_a_row_that_lives_and_dies_with_the_transaction(doors, rows, acting, world):
    with acting("director", world.facilities[0], language="pl"):
        access.note("test")
        publish(DoorOpened(1), place=world.facilities[0])
        db.session.rollback()
        assert rows() == []
        publish(DoorOpened(2), place=world.facilities[0])
        db.session.commit()
    assert [(r.kind, r.module, r.handler, r.payload) for r in rows()] == [
        ("event", "props", "props.greet", {"door": 2}),
        ("event", "props", "props.count", {"door": 2}),
    ]
    row = rows()[0]
    assert (row.name, row.queue, row.retries, row.attempts) == (DoorOpened.__event__.name, "default", 5, 0)
    assert (row.place_no, row.actor, row.account_id, row.language) == (
        world.facilities[0],
        f"account:{NOBODY}",
        NOBODY,
        "pl",
    )


def test_nobody_listens_nothing_is_written(props, rows, app):
    with scopes.system("test"):
        assert publish(DoorOpened(1)) == []
        db.session.commit()
    assert rows() == []


def test_people_publish_about_their_own_places_only(doors, acting, world):
    with acting("director", world.facilities[0]):
        access.note("test")
        with pytest.raises(OutOfScope, match="outside your post"):
            publish(DoorOpened(1), place=world.facilities[1])
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
            db.session.execute(
                sa.text(
                    "insert into core.outbox (kind, name, module, handler, queue, retries, payload, actor, place_no)"
                    " values ('job', 'x', 'x', 'x', 'default', 0, '{}', 'x', :p)"
                ),
                {"p": world.facilities[1]},
            )


def test_people_move_no_rows_by_hand(doors, acting, world):
    for statement in (
        "update core.outbox set done_at = now()",
        "delete from core.outbox",
        "update core.job_run set result = '{}'",
        "insert into core.job_attempt (outbox_id, number, worker, started_at) values (1, 1, 'x', now())",
    ):
        with acting("administrator", 0), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.text(statement))


def test_who_sees_a_row(doors, acting, world):
    def seen(role, place, account_id):
        with acting(role, place, account_id=account_id):
            return db.session.execute(sa.text("select place_no from core.outbox order by id")).scalars().all()

    with acting("director", world.facilities[0], account_id=7):
        access.note("test")
        enqueue("props.door.paint", place=world.facilities[0], color="red")
        enqueue("props.door.paint", color="mine, of no place")
        db.session.commit()
    assert seen("director", world.facilities[0], 7) == [world.facilities[0], 0]
    assert seen("accountant", world.facilities[0], 8) == [world.facilities[0]]
    assert seen("district_officer", world.district, 8) == [world.facilities[0]]
    assert seen("district_officer", world.other_district, 8) == []
    assert seen("administrator", 0, 8) == [world.facilities[0], 0]
    with scopes.public(), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        db.session.execute(sa.text("select 1 from core.outbox"))


def test_unasked_people_and_visitors_cause_no_work(doors, acting, world):
    with acting("director", world.facilities[0]), pytest.raises(access.NotAsked):
        enqueue("props.door.paint", color="red")
    with scopes.public(), pytest.raises(Forbidden, match="Visitors"):
        enqueue("props.door.paint", color="red")


def test_wrong_jobs_and_payloads_are_refused_at_once(doors, app):
    with scopes.system("test"):
        with pytest.raises(UnknownHandler, match=r"No job is called props\.door\.open"):
            enqueue("props.door.open")
        with pytest.raises(BadPayload, match=r"props\.door\.paint\.color: expected str, got int"):
            enqueue("props.door.paint", color=3)
        with pytest.raises(BadPayload, match="color is missing; it takes color"):
            enqueue("props.door.paint")


def test_a_key_is_written_once_for_each_place(doors, rows, world):
    with scopes.system("test"):
        first = enqueue("props.door.paint", place=world.district, key="2026", color="red")
        assert enqueue("props.door.paint", place=world.district, key="2026", color="blue") is None
        assert enqueue("props.door.paint", place=world.city, key="2026", color="red") is not None
        assert enqueue("props.door.paint", place=world.district, key="2027", color="red") is not None
        assert enqueue("props.door.paint", place=world.district, color="red") is not None
        assert enqueue("props.door.paint", place=world.district, color="red") is not None
        db.session.commit()
    assert len(rows()) == 5 and rows()[0].id == first and rows()[0].payload == {"color": "red"}


def test_a_key_holds_among_concurrent_senders(doors, rows, app):
    def send():
        with app.app_context(), scopes.system("test"):
            enqueue("props.door.paint", key="once", color="red")
            db.session.execute(sa.text("select pg_sleep(0.1)"))
            db.session.commit()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows()) == 1


def test_a_delay_is_counted_by_the_databases_clock(doors, rows, work, app):
    with scopes.system("test"):
        number = enqueue("props.door.paint", delay=timedelta(hours=1), color="red")
        db.session.commit()
    [row] = rows()
    assert timedelta(minutes=59) < row.available_at - row.created_at < timedelta(minutes=61)
    assert work(number) is None


def test_models_and_tables_agree(app):
    from core.db import migrations
    from core.host.lifecycle import core_scripts
    from core.host.running import running

    with running().owner.connect() as connection:
        found = migrations.differences(connection, core_scripts(running().root))
    assert [d for d in found if "outbox" in str(d) or "job_" in str(d)] == []
