"""Campaign: a worker dies at every point of a delivery, statement by statement; the effect still happens exactly once.

Where `kills` lets chance choose the moment, this one walks through all of them: before and after each statement, before
and after each commit.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from core.config import load_settings
from core.db.base import db
from core.db.servers import attach
from core.db.servers.databases import create_database, drop_database
from core.host.running import running
from core.jobs import attempts, enqueue, handlers, inside, relay
from core.jobs.delivery import deliver
from core.security import scope as scopes
from tests.campaigns import hands, kills
from tests.campaigns.campaign import Campaign, Figures

DATABASE = "dolbom_crashes"
#: More points than any of the three kinds of work has.
POINTS = {"inside": 34, "outside": 34, "chunks": 130}


def walk(app: Flask, rounds: int, seed: int, mode: str = "true") -> Figures:
    """Write `rounds` intents, let each die at one point of its first attempt, then let it be finished."""
    chance = random.Random(seed)
    died: Counter[str] = Counter()
    with app.app_context():
        _prepare(app)
        for n in range(rounds):
            kind = chance.choice(list(POINTS))
            with scopes.system("crash campaign"):
                number = enqueue(f"core.storm.{kind}", n=n)
                db.session.commit()
            assert number is not None
            died[kind] += _child(app, number, mode, chance.randint(1, POINTS[kind]))
            _free(number)
            _child(app, number, mode, None)
        return (
            _figures(rounds) | {"crashes": died.total()} | {f"crashed_{kind}": died[kind] for kind in POINTS}
        )


def _prepare(app: Flask) -> None:
    with running().owner.begin() as owner:
        for statement in kills.GROUND:
            owner.execute(sa.text(statement))
    if "core.storm.inside" not in handlers.book(app).jobs:  # one application walks several times
        handlers.book(app).load("core", hands.part())


def _child(app: Flask, number: int, mode: str, point: int | None) -> bool:
    """Deliver one row in a child; with a `point`, the child is killed there. Tells whether it was."""
    pid = os.fork()
    if pid == 0:
        _be_killed_there(app, number, mode, point)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def _be_killed_there(app: Flask, number: int, mode: str, point: int | None) -> None:
    try:
        hands.PAUSE = 0.0
        if mode in hands.CONTROLS:
            inside.work = hands.CONTROLS[mode]
        for engine in db.engines.values():
            engine.dispose(close=False)
        with db.engines["system"].connect() as connection:
            rows = attempts.peek(connection, [number])
        if point is not None:
            _mine_the_way(point)
        for row in rows:
            deliver([row], "crash campaign")
    finally:
        os._exit(0)


def _mine_the_way(point: int) -> None:
    passed = 0

    def pass_one(*_: object) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, pass_one)
    event.listen(Session, "after_commit", pass_one)


def _free(number: int) -> None:
    """Let the dead worker's lease run out now instead of later."""
    with db.engines["system"].begin() as connection:
        connection.execute(
            sa.text(
                "update core.outbox set lease_until = clock_timestamp() - interval '1 s' "
                "where id = :id and lease_until is not null"
            ),
            {"id": number},
        )
    relay.sweep()


def _figures(rounds: int) -> Figures:
    def count(query: str) -> int:
        with db.engines["system"].connect() as connection:
            return connection.scalar(sa.text(query)) or 0

    times = (
        "(select coalesce(m.times, s.times, 0) as times, case when name = 'core.storm.chunks' then "
        f"{hands.CHUNKS} else 1 end as wanted, m.different from core.outbox o left join (select n, count(*) as times, "
        "count(distinct chunk) as different from storm.mark group by n) m on m.n = (payload ->> 'n')::int "
        "left join (select n, count(distinct key) as times from storm.sent group by n) s "
        "on s.n = (payload ->> 'n')::int where name like 'core.storm.%') t"
    )
    return {
        "intents": rounds,
        "lost": count(f"select count(*) from {times} where times < wanted or different < wanted"),
        "double": count(f"select count(*) from {times} where times > wanted"),
        "unfinished": count(
            "select count(*) from core.outbox where done_at is null and name like 'core.storm.%'"
        ),
        "dead": count("select count(*) from core.outbox where dead_at is not null"),
    }


def _at_home(folder: Path, rounds: int, seed: int, mode: str = "true") -> Figures:
    from core.app import create_app

    settings = load_settings({**os.environ, "DOLBOM_ENV": "test", "DOLBOM_HOME": str(folder / "home")})
    settings = replace(settings, database_url=None, redis_url=None)
    with ExitStack() as stack:
        servers = stack.enter_context(attach(settings)).servers
        drop_database(servers, DATABASE)
        app = create_app(settings, servers=create_database(servers, DATABASE, redis_db=61), only=frozenset())
        stack.callback(drop_database, servers, DATABASE)
        with app.app_context():
            running().lifecycle.upgrade_core()
        return walk(app, rounds, seed, mode)


CAMPAIGN = Campaign(
    name="crashes",
    promise="a worker that dies at any statement of a delivery neither loses nor doubles its effect",
    figure="crashes",
    until=1_000,
    play=lambda number, folder: _at_home(folder, 200, seed=number),
    broken=kills.broken,
    controls={mode: lambda folder, mode=mode: _at_home(folder, 60, 1, mode) for mode in hands.CONTROLS},  # type: ignore[misc]
)
