"""The processes of the kill campaign: real workers and relays, with handlers whose doubles and losses would show.

`python -m tests.campaigns.hands MODE` takes the addresses as its first line on stdin, because they hold passwords, builds
the application once, and forks a process for each further line (`worker`, `relay`, `migrate`): so hundreds of starts cost
little and each still dies alone. MODE is `true`, or the name of a control: a worker with one safeguard taken out.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from flask import Flask

from core.app import create_app
from core.config import load_settings
from core.db.base import db
from core.db.servers.address import Servers
from core.host.running import running
from core.jobs import Progress, attempts, handlers, job, relay, worker
from core.jobs import inside as true_way
from core.jobs.attempts import Result
from core.jobs.delivery import Work

CHUNKS = 8
PAUSE = 0.02
PR_SET_PDEATHSIG = 1


@job("core.storm.inside", retries=60)
def inside(n: int) -> None:
    """Leave one mark in a table without a unique key"""
    db.session.execute(sa.text("select pg_sleep(:s)"), {"s": PAUSE})
    _mark("inside", n, 0)
    db.session.execute(sa.text("select pg_sleep(:s)"), {"s": PAUSE})


@job("core.storm.outside", effect="outside", retries=60)
def outside(n: int, idempotency_key: str) -> None:
    """Tell a world that cannot be rolled back: another connection, committed at once"""
    time.sleep(PAUSE)
    with db.engines["system"].begin() as world:
        world.execute(
            sa.text("insert into storm.sent (n, key) values (:n, :k)"), {"n": n, "k": idempotency_key}
        )
    time.sleep(PAUSE)


@job("core.storm.chunks", effect="outside", queue="slow", retries=60)
def chunks(n: int, progress: Progress) -> None:
    """Leave a mark for each chunk, committing after each"""
    for chunk in range(progress.cursor.get("chunk", 0), CHUNKS):
        _mark("chunks", n, chunk)
        time.sleep(PAUSE)
        progress.step()
        progress.checkpoint({"chunk": chunk + 1})


def _mark(kind: str, n: int, chunk: int) -> None:
    values = {"k": kind, "n": n, "c": chunk}
    db.session.execute(sa.text("insert into storm.mark (kind, n, chunk) values (:k, :n, :c)"), values)


def _done_first(work: Work) -> Result:
    """Control: the row is marked done before its effect."""
    mine = attempts.lock(db.session(), work.row.id, work.worker)
    if mine is None:
        return "taken"
    attempts.end(db.session(), mine, "done")
    db.session.commit()
    work.call([mine])
    db.session.commit()
    return "done"


def _effect_first(work: Work) -> Result:
    """Control: the effect is committed before the row is marked, and the lock is let go in between."""
    mine = attempts.lock(db.session(), work.row.id, work.worker)
    if mine is None:
        return "taken"
    work.call([mine])
    db.session.commit()
    time.sleep(PAUSE)
    attempts.end(db.session(), mine, "done")
    db.session.commit()
    return "done"


CONTROLS = {"done-first": _done_first, "effect-first": _effect_first}


def part() -> ModuleType:
    """The three handlers, as if they stood in a jobs.py of core."""
    found = ModuleType(__name__)
    found.__dict__.update(inside=inside, outside=outside, chunks=chunks)
    return found


def _application(facts: dict[str, Any]) -> Flask:
    bin_ = facts["servers"]["pg_bin"]
    servers = Servers(**{**facts["servers"], "pg_bin": Path(bin_) if bin_ else None})
    settings = load_settings({"DOLBOM_ENV": "test", "DOLBOM_HOME": facts["home"]})
    app = create_app(replace(settings, lease_seconds=facts["lease"]), servers=servers, only=frozenset())
    with app.app_context():
        handlers.book().load("core", part())
    return app


def main(mode: str) -> None:
    """Fork what is asked for, until the campaign is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if mode in CONTROLS:
        true_way.work = CONTROLS[mode]  # type: ignore[assignment]
    app = _application(json.loads(sys.stdin.readline()))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave at once
    for line in sys.stdin:
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            _be(line.strip(), app)
        _say(f"started {pid}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # one write, so that lines of several processes do not mix


def _be(what: str, app: Flask) -> None:
    """Be that process until told to stop, or until the one that forked it is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if what == "migrate":
        with app.app_context():
            running().lifecycle.upgrade_core()
    elif what == "worker":
        _say(f"ready {os.getpid()}")
        worker.run(app)
    else:
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        relay.run(app, stop, again_after=2.0)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
