"""Effects outside the database, and long jobs that commit in steps: a lease in time, renewed by a heartbeat.

After a crash the lease runs out and another worker repeats the work: the receiver recognizes the repetition
by its Idempotency-Key, a long job goes on at its cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from threading import Event, Thread
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.jobs import attempts
from core.jobs.attempts import Attempt, Result
from core.jobs.failures import explain
from core.jobs.progress import LeaseLost

if TYPE_CHECKING:
    from core.jobs.delivery import Work

_log = getLogger("dolbom.jobs")


def work(work: Work) -> Result:
    """Do one delivery whose effect reaches outside the database, or that commits in steps."""
    engine, lease = db.engines["system"], float(running().settings.lease_seconds)
    off = work.off()
    db.session.rollback()  # no transaction stays open while the handler talks to the world
    with engine.begin() as connection:
        mine = attempts.claim(connection, work.row.id, work.worker, lease)
        if mine is not None and off is not None:
            attempts.end(connection, mine, "skipped", off)
    if mine is None or off is not None:
        return "taken" if mine is None else "skipped"
    try:
        with _held(engine, mine, lease):
            work.call(mine)
        return _done(work, mine)
    except LeaseLost:
        db.session.rollback()
        _log.warning("a lease ran out while its work went on; it is repeated", extra={"facts": {"job": mine.id}})
        return "taken"
    except Exception as error:  # noqa: BLE001  whatever a handler raises is its failure, not the worker's
        db.session.rollback()
        with engine.begin() as connection:
            counted = attempts.end(connection, mine, "failed", explain(error))
        return "failed" if counted else "taken"


def _done(work: Work, mine: Attempt) -> Result:
    """End the attempt in one transaction with what the handler left uncommitted, if the lease still holds."""
    db.session.flush()
    if not attempts.end(db.session, mine, "done"):
        raise LeaseLost(
            f"Job {mine.id} took longer than its lease and is being repeated; its last step was undone."
        )
    if work.progress is not None:
        work.progress.finish()
    db.session.commit()
    return "done"


@contextmanager
def _held(engine: sa.Engine, mine: Attempt, lease: float) -> Iterator[None]:
    """Renew the lease three times in its length, in a thread of its own: it dies with the process."""
    over = Event()

    def beat() -> None:
        while not over.wait(lease / 3):
            try:
                with engine.begin() as connection:
                    if not attempts.hold(connection, mine, lease):
                        return
            except sa.exc.DBAPIError as error:
                # The database restarts: the lease may still be ours when it is back.
                _log.warning("heartbeat of job %s: %s", mine.id, explain(error))

    thread = Thread(target=beat, name=f"lease-{mine.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
