"""How far a long job is, shown to the person who waits, and where it goes on after its worker was killed.

`step()` is for the eye: saved at most twice a second, over a connection of its own, so it shows while the
job's own transaction is open. `checkpoint()` is for truth: it commits the handler's work and the cursor in
one transaction, and only while this attempt still counts, so each chunk takes effect exactly once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import DolbomError
from core.jobs import attempts
from core.jobs.attempts import NOW, Attempt, Executor, runs
from core.jobs.models import JobRun, Outbox

#: Seconds between two saves of the display.
RATE = 0.5


class LeaseLost(DolbomError):
    """Another worker has taken over this job: this copy stops, without effect."""

    code: ClassVar[str] = "jobs.lease-lost"
    http: ClassVar[int] = 500


class NoCheckpoint(DolbomError):
    """A job in one transaction was asked to commit in the middle."""

    code: ClassVar[str] = "jobs.no-checkpoint"
    http: ClassVar[int] = 500


class Progress:
    """The progress of one attempt; handlers get it by naming a parameter `progress: Progress`."""

    def __init__(self, mine: Attempt, engine: sa.Engine, rate: float = RATE) -> None:
        self._mine, self._rate = mine, rate
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._saved_at = 0.0
        with self._engine.connect() as connection:
            query = sa.update(runs).where(runs.c.outbox_id == mine.id).values(state="running", updated_at=NOW)
            row = connection.execute(query.returning(runs.c.total, runs.c.message, runs.c.cursor)).one()
        kept = row.cursor or {"at": {}, "done": 0}
        #: Where the last checkpoint left off; empty at the first start.
        self.cursor: Mapping[str, Any] = kept["at"]
        # What was shown after the last checkpoint was never committed: count from the checkpoint.
        self.done: int = kept["done"]
        self.total: int | None = row.total
        self.message: str = row.message
        self._result: dict[str, Any] | None = None

    def expect(self, total: int) -> None:
        """Say how many steps there will be."""
        self.total = total
        self._save()

    def step(self, count: int = 1, message: str | None = None) -> None:
        """Count `count` more done; `message` says what is being worked on."""
        self.done += count
        self.message = self.message if message is None else str(message)
        if time.monotonic() - self._saved_at >= self._rate:
            self._save()

    def checkpoint(self, cursor: Mapping[str, Any]) -> None:
        """Commit the handler's work so far together with the place to go on from.

        Raises `LeaseLost` when another worker has taken over; then nothing since the last checkpoint remains.
        """
        if self._mine.token is None:
            raise NoCheckpoint(
                'A job with effect="inside" is one transaction: declare effect="outside" to commit in steps.'
            )
        db.session.flush()
        if not attempts.fence(db.session, self._mine):
            db.session.rollback()
            raise LeaseLost(f"Job {self._mine.id} is being done by another worker.")
        self.cursor = dict(cursor)
        self._write(db.session, cursor={"at": self.cursor, "done": self.done})
        db.session.commit()
        self._saved_at = time.monotonic()

    def result(self, **facts: Any) -> None:
        """Keep what came out (counts, a file's id) for the person who waits; saved with the job's end."""
        self._result = facts

    def finish(self) -> None:
        """Save the last steps and the result in the transaction that ends the job; the host calls it."""
        result = {} if self._result is None else {"result": self._result}
        self._write(db.session, **result)

    def _save(self) -> None:
        # The job's own transaction never touches this row before its end, so this cannot wait for ourselves.
        with self._engine.connect() as connection:
            self._write(connection)
        self._saved_at = time.monotonic()

    def _write(self, run: Executor, **more: Any) -> None:
        shown = {"done": self.done, "total": self.total, "message": self.message, "updated_at": NOW, **more}
        run.execute(sa.update(runs).where(runs.c.outbox_id == self._mine.id).values(shown))


def of(number: int, job: str | None = None) -> JobRun | None:
    """What the person who waits for outbox row `number` may see of it, None when it is not theirs to see.

    With `job`, only when it is that job: a page that shows one kind of result must not show another's.
    """
    query = sa.select(JobRun).join(Outbox, Outbox.id == JobRun.outbox_id).where(Outbox.id == number)
    return db.session.scalar(query if job is None else query.where(Outbox.name == job))
