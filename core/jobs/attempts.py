"""The life of one attempt at a delivery: taken by a row lock or a lease, held, ended. Only this moves rows.

For effects inside the database the row lock is the lease: the death of the worker frees it at once. For
effects outside, a lease with a token is held in time (`clock_timestamp()`, never the start of the
transaction).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID, uuid4

import sqlalchemy as sa

from core.jobs.models import JobAttempt, JobRun, Outbox

#: How an attempt ends, and what a worker reports: `taken` = somebody else has it, or it is over.
Outcome = Literal["done", "failed", "died", "skipped"]
Result = Literal["done", "failed", "skipped", "taken"]

outbox, attempt_log, runs = Outbox.__table__, JobAttempt.__table__, JobRun.__table__
NOW = sa.func.clock_timestamp()
OPEN = sa.and_(outbox.c.done_at.is_(None), outbox.c.dead_at.is_(None), outbox.c.skipped_at.is_(None))
DUE = sa.and_(OPEN, outbox.c.available_at <= NOW)
#: A lease that ran out is ended by the relay first, so that its attempt is counted.
FREE = outbox.c.lease_until.is_(None)

#: First pause after a failure, its growth, and the longest: 5 s, 20 s, 80 s, 5 min, 21 min, … 6 h.
_FIRST_PAUSE, _FACTOR, _LONGEST = 5, 4, 6 * 3600


class Executor(Protocol):
    """A session or a connection."""

    def execute(self, statement: Any, parameters: Any = None, /) -> Any:
        """Run one statement, once or for each set of parameters."""


@dataclass(frozen=True)
class Delivery:
    """What a worker knows of a row before it works: these facts never change."""

    id: int
    kind: str
    name: str
    module: str
    handler: str
    queue: str
    payload: dict[str, Any]
    place_no: int
    account_id: int | None
    actor: str
    reason: str
    language: str
    created_at: datetime
    #: Never tried before, as seen when it was read: it may travel with others.
    fresh: bool = False

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt, and for no other row, also after a restore gave its id out anew."""
        return f"{self.id}-{int(self.created_at.timestamp() * 1_000_000):x}"


@dataclass(frozen=True)
class Attempt:
    """One try at a delivery; `token` is set when it holds a lease."""

    id: int
    number: int
    retries: int
    place_no: int
    started_at: datetime
    worker: str
    token: UUID | None = None


_FACTS = (
    *(outbox.c[name] for name in Delivery.__dataclass_fields__ if name != "fresh"),
    (outbox.c.attempts == 0).label("fresh"),
)
_TRY = (*(outbox.c[name] for name in ("id", "attempts", "retries", "place_no", "token")), NOW.label("now"))


def peek(run: Executor, ids: Sequence[int]) -> list[Delivery]:
    """The deliveries among `ids` that are due, oldest first."""
    query = sa.select(*_FACTS).where(_among(ids), DUE)
    return [Delivery(**row._mapping) for row in run.execute(query.order_by(outbox.c.id))]


def lock(run: Executor, number: int, worker: str) -> Attempt | None:
    """Take a row for the length of this transaction; None when it is taken, ended or not due."""
    return next(iter(_locked(run, [number], worker)), None)


def _locked(run: Executor, numbers: Sequence[int], worker: str) -> list[Attempt]:
    query = sa.select(*_TRY).where(_among(numbers), DUE, FREE).order_by(outbox.c.id)
    # `key share`: rows that point here (progress, attempts) can be written while this is held.
    rows = run.execute(query.with_for_update(skip_locked=True, key_share=True))
    return [Attempt(r.id, r.attempts + 1, r.retries, r.place_no, r.now, worker) for r in rows]


def claim(run: Executor, numbers: Sequence[int], worker: str, lease: float) -> list[Attempt]:
    """Take rows for `lease` seconds, under one new token; those that are taken, ended or not due are missing.

    Of several only those never tried before: what failed or killed its worker is tried again alone.
    """
    token = uuid4()
    found = _locked(run, numbers, worker)
    mine = [replace(one, token=token) for one in found if len(numbers) == 1 or one.number == 1]
    if not mine:
        return []
    run.execute(
        sa.update(outbox).where(_among([one.id for one in mine]))
        .values(token=token, lease_until=NOW + timedelta(seconds=lease), attempts=outbox.c.attempts + 1)
    )  # fmt: skip
    run.execute(
        sa.insert(attempt_log),
        [
            {"outbox_id": one.id, "number": one.number, "worker": worker, "token": token,
             "started_at": one.started_at, "place_no": one.place_no}
            for one in mine
        ],
    )  # fmt: skip
    return mine


def hold(run: Executor, mine: Sequence[Attempt], lease: float) -> bool:
    """Renew a lease; False when it was lost."""
    renewed = sa.update(outbox).where(_held(mine)).values(lease_until=NOW + timedelta(seconds=lease))
    return bool(run.execute(renewed).rowcount)


def _held(mine: Sequence[Attempt]) -> sa.ColumnElement[bool]:
    """The rows of attempts under one lease, as far as they still count."""
    return sa.and_(_among([one.id for one in mine]), outbox.c.token == mine[0].token, OPEN)


def _among(numbers: Sequence[int], column: sa.ColumnElement[int] = outbox.c.id) -> sa.ColumnElement[bool]:
    return column == sa.any_(sa.literal(list(numbers), sa.ARRAY(sa.BigInteger)))


def fence(run: Executor, mine: Attempt) -> bool:
    """Make the transaction of `run` wait for and depend on this attempt still being the one that counts."""
    query = sa.select(outbox.c.id).where(outbox.c.id == mine.id, outbox.c.token == mine.token, OPEN)
    return run.execute(query.with_for_update(key_share=True)).one_or_none() is not None


def done(run: Executor, mine: Sequence[Attempt]) -> bool:
    """End attempts under one lease well, all or, when one no longer counts, none: then roll back."""
    ended = sa.update(outbox).where(_held(mine)).values(done_at=NOW, token=None, lease_until=None)
    if run.execute(ended).rowcount < len(mine):
        return False
    ids = [one.id for one in mine]
    log = sa.update(attempt_log).where(_among(ids, attempt_log.c.outbox_id))
    run.execute(log.where(attempt_log.c.token == mine[0].token).values(ended_at=NOW, outcome="done"))
    run.execute(sa.update(runs).where(_among(ids, runs.c.outbox_id)).values(state="done", updated_at=NOW))
    return True


def end(run: Executor, mine: Attempt, outcome: Outcome, error: str | None = None) -> bool:
    """End an attempt: the row, its log and what the waiting person sees. False when it no longer counted."""
    failed = outcome in ("failed", "died")
    dead = failed and mine.number > mine.retries
    values: dict[str, Any] = {"attempts": mine.number, "token": None, "lease_until": None}
    if dead or not failed:
        values["dead_at" if dead else f"{outcome}_at"] = NOW
    if outcome == "failed" and not dead:
        values |= {"available_at": NOW + timedelta(seconds=pause_after(mine.number)), "offered_at": None}
    # What died keeps its `offered_at`: as a lost offer it comes back first, and without a pause.
    if error is not None:
        values |= {"error": error, "last_error_at": NOW}
    token = outbox.c.token == mine.token if mine.token else outbox.c.token.is_(None)
    if not run.execute(sa.update(outbox).where(outbox.c.id == mine.id, token, OPEN).values(values)).rowcount:
        return False
    _log(run, mine, outcome, error)
    state = "failed" if dead else "waiting" if failed else outcome
    run.execute(sa.update(runs).where(runs.c.outbox_id == mine.id).values(state=state, updated_at=NOW))
    return True


def _log(run: Executor, mine: Attempt, outcome: Outcome, error: str | None) -> None:
    ended = {"ended_at": NOW, "outcome": outcome, "error": error}
    if mine.token:
        log = sa.update(attempt_log).where(attempt_log.c.outbox_id == mine.id)
        run.execute(log.where(attempt_log.c.token == mine.token).values(ended))
        return
    run.execute(
        sa.insert(attempt_log).values(
            outbox_id=mine.id, number=mine.number, worker=mine.worker, started_at=mine.started_at,
            place_no=mine.place_no, **ended,
        )
    )  # fmt: skip


def expired(run: Executor) -> list[Attempt]:
    """Attempts whose lease ran out: their worker died or hangs. Locked until the caller commits."""
    query = sa.select(*_TRY).where(outbox.c.lease_until < NOW, OPEN)
    rows = run.execute(query.with_for_update(skip_locked=True, key_share=True))
    return [Attempt(r.id, r.attempts, r.retries, r.place_no, r.now, "", r.token) for r in rows]


def orphans(run: Executor, number: int, worker: str) -> list[Attempt]:
    """The attempts that `worker` died in, by the first row it had in hand, unless they ended before or are
    somebody else's by now."""
    # The last statement of a dead process may still run and hold the row.
    run.execute(sa.text("set local lock_timeout = '2s'"))
    query = sa.select(*_TRY).where(outbox.c.id == number, OPEN)
    row = run.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        return []
    if row.token is None:
        return [Attempt(number, row.attempts + 1, row.retries, row.place_no, row.now, worker)]
    whose = sa.select(attempt_log.c.worker).where(attempt_log.c.outbox_id == number)
    if run.execute(whose.where(attempt_log.c.token == row.token)).scalar_one_or_none() != worker:
        return []
    same = sa.select(*_TRY).where(outbox.c.lease_until.is_not(None), outbox.c.token == row.token, OPEN)
    rows = run.execute(same.with_for_update(key_share=True))
    return [Attempt(r.id, r.attempts, r.retries, r.place_no, r.now, worker, r.token) for r in rows]


def pause_after(attempt: int) -> int:
    """Seconds to wait after the n-th failed attempt (exponential backoff)."""
    return min(_FIRST_PAUSE * int(_FACTOR ** min(attempt - 1, 10)), _LONGEST)
