"""RQ's worker, answering the bell: one fork a ring, so a handler that crashes or hangs takes nothing with it.

A fork costs some 20 ms and is shared by up to 50 small deliveries. Connections are never shared with a child.
"""

from __future__ import annotations

import mmap
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from logging import getLogger
from typing import Any
from uuid import uuid4

import redis
import rq
import sqlalchemy as sa
from flask import Flask
from rq.exceptions import StopRequested
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from core.db.base import SYSTEM_OPTIONS, db
from core.host.running import running
from core.jobs import attempts, handlers
from core.jobs.bell import Bell, home_mark
from core.jobs.delivery import deliver, groups
from core.jobs.queues import QUEUES
from core.jobs.relay import Relay

#: Seconds a silent worker stays listed in Redis, and between two looks of a worker at its child.
_LISTED, _WATCH = 30, 5
_log = getLogger("dolbom.jobs")


@dataclass
class _Here:
    """What a worker process and its children share: the application, the name, and the row in hand."""

    app: Flask | None = None
    name: str = ""

    def __post_init__(self) -> None:
        self._row = mmap.mmap(-1, 8)

    @property
    def row(self) -> int:
        """The row being worked on, 0 for none: what a child leaves here when it dies is what it died in."""
        return int.from_bytes(self._row[:8], "big")

    @row.setter
    def row(self, number: int) -> None:
        self._row[:8] = number.to_bytes(8, "big")

    def application(self) -> Flask:
        """The application `run` was given."""
        assert self.app is not None, "only core.jobs.worker.run answers the bell"
        return self.app


_here = _Here()


def run(app: Flask, burst: bool = False, queues: Sequence[str] = tuple(QUEUES)) -> None:
    """Answer the bell until INT or TERM, then finish what is in hand; with `burst`, until nothing is due.

    A lost Redis or database is waited for. Must run in the main thread of its process.
    """
    _here.app = app
    with app.app_context():
        handlers.book()  # wrong handlers are refused before the first fork
        if burst:
            _until_quiet(Relay(app, again_after=0), queues)
        else:
            _forever(Bell(running().servers), queues)


def _forever(bell: Bell, queues: Sequence[str]) -> None:
    while True:
        try:
            worker = _worker(bell, queues)
            worker.work(logging_level="WARNING")
            if worker.told_to_stop:
                return
        except StopRequested:
            return
        except redis.RedisError as error:
            _log.warning("worker: %s: %s; trying again", type(error).__name__, error)
        time.sleep(1)


def _until_quiet(relay: Relay, queues: Sequence[str]) -> None:
    while True:
        relay.turn()
        if not any(relay.bell.waiting(QUEUES[name]) for name in queues):
            return
        worker = _worker(relay.bell, queues)
        worker.work(burst=True, logging_level="WARNING")
        if worker.told_to_stop:
            return


def _worker(bell: Bell, queues: Sequence[str]) -> Worker:
    host = f"{home_mark(running().settings)}-{socket.gethostname()}"
    _here.name = f"{host}-{os.getpid()}-{uuid4().hex[:6]}"
    return Worker(
        [bell.queues[name] for name in queues], name=_here.name, connection=bell.connection,
        serializer="json", worker_ttl=_LISTED, job_monitoring_interval=_WATCH, log_job_description=False,
        work_horse_killed_handler=_bury,
    )  # fmt: skip


class Worker(rq.Worker):
    """RQ's worker, whose children open connections of their own."""

    #: A lost Redis is looked for every two seconds, not every minute.
    max_connection_wait_time = 2.0

    @property
    def told_to_stop(self) -> bool:
        """Whether a signal ended the work, rather than a lost Redis."""
        return self._shutdown_requested_date is not None

    def main_work_horse(self, job: Any, queue: Any) -> None:
        """Run in the child: forget the parent's connections without closing them, then work."""
        with _here.application().app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)
        super().main_work_horse(job, queue)


def answer(ids: list[int]) -> dict[str, int]:
    """Do the deliveries of one ring, one group after the other; runs in the child."""
    results: Counter[str] = Counter()
    _here.row = 0
    with _here.application().app_context():
        with db.engines["system"].connect() as connection:
            rows = attempts.peek(connection, ids)
        for group in groups(rows):
            _here.row = group[0].id
            seconds = QUEUES[group[0].queue].seconds * len(group)
            with UnixSignalDeathPenalty(seconds, JobTimeoutException):  # type: ignore[no-untyped-call]
                results += deliver(group, _here.name)
            _here.row = 0
    return results


def _bury(job: Any, pid: int | None, status: int | None, usage: Any) -> None:
    """Count the attempt a killed child died in, so that a row that kills its workers ends as dead."""
    number, _here.row = _here.row, 0
    if not number:
        return
    killed = status is not None and os.WIFSIGNALED(status)
    how = signal.Signals(os.WTERMSIG(status or 0)).name if killed else f"exit status {status}"
    # A connection of its own, closed at once: the next child must not inherit it.
    url = running(_here.application()).servers.system_url
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=SYSTEM_OPTIONS["connect_args"])
    with suppress(sa.exc.DBAPIError), engine.begin() as connection:
        for mine in attempts.orphans(connection, number, _here.name):
            attempts.end(connection, mine, "died", f"Its process ended in the middle: {how}.")
