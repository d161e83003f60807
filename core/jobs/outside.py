"""Effects outside the database, and long jobs that commit in steps: a lease in time, renewed by a heartbeat.

After a crash the lease runs out and another worker repeats the work: the receiver recognizes the repetition
by its Idempotency-Key, a long job goes on at its cursor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
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


def work(work: Work) -> Counter[Result]:
    """Do deliveries whose effect reaches outside the database, or one that commits in steps: all end alike."""
    engine, lease = db.engines["system"], float(running().settings.lease_seconds)
    off = work.off()
    db.session.rollback()  # no transaction stays open while the handler talks to the world
    with engine.begin() as connection:
        mine = attempts.claim(connection, [row.id for row in work.rows], work.worker, lease)
        for one in mine if off is not None else ():
            attempts.end(connection, one, "skipped", off)
    results: Counter[Result] = Counter({"taken": len(work.rows) - len(mine)})
    if mine:
        results.update({"skipped": len(mine)} if off is not None else _effect(work, mine, engine, lease))
    return results


def _effect(work: Work, mine: Sequence[Attempt], engine: sa.Engine, lease: float) -> dict[Result, int]:
    """Call the handler under the lease and end the attempts."""
    try:
        with _held(engine, mine, lease):
            work.call(mine)
        _done(work, mine)
        return {"done": len(mine)}
    except LeaseLost:
        db.session.rollback()
        facts = {"facts": {"job": mine[0].id}}
        _log.warning("a lease ran out while its work went on; it is repeated", extra=facts)
        return {"taken": len(mine)}
    except Exception as error:  # noqa: BLE001  whatever a handler raises is its failure, not the worker's
        db.session.rollback()
        with engine.begin() as connection:
            counted = sum(attempts.end(connection, one, "failed", explain(error)) for one in mine)
        return {"failed": counted, "taken": len(mine) - counted}


def _done(work: Work, mine: Sequence[Attempt]) -> None:
    """End the attempts in one transaction with what the handler left uncommitted, if the lease still holds."""
    db.session.flush()
    if not attempts.done(db.session, mine):
        raise LeaseLost(
            f"Job {mine[0].id} took longer than its lease and is being repeated; its last step was undone."
        )
    if work.progress is not None:
        work.progress.finish()
    db.session.commit()


@contextmanager
def _held(engine: sa.Engine, mine: Sequence[Attempt], lease: float) -> Iterator[None]:
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
                _log.warning("heartbeat of job %s: %s", mine[0].id, explain(error))

    thread = Thread(target=beat, name=f"lease-{mine[0].id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
