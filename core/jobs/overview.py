"""How background work stands now: the queues, what is being done, and what the clock starts next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db.base import db
from core.jobs import cron, handlers
from core.jobs.attempts import NOW, OPEN, runs
from core.jobs.handlers import Handler
from core.jobs.models import JobRun, Outbox
from core.jobs.queues import QUEUES
from core.jobs.schedules import Daily, Schedule
from core.regions import activation
from core.security import scope as scopes
from core.security.access import require
from core.security.identity import EVERYWHERE

#: How long after its moment work of the clock counts as late: a worker may be busy for a while.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class QueueState:
    """One queue at the places of this post."""

    name: str
    waiting: int
    running: int
    later: int
    done: int
    stopped: int
    #: Seconds the first in line has been waiting.
    waited: float


@dataclass(frozen=True)
class Busy:
    """A long piece of work that waits or is being done, with its progress if it tells any."""

    row: Outbox
    run: JobRun | None
    title: str
    running: bool

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None when nobody knows."""
        total = self.run.total if self.run else None
        return min(self.run.done / total, 1.0) if self.run and total else None


@dataclass(frozen=True)
class Due:
    """One piece of work the clock starts, in one time zone."""

    handler: Handler
    schedule: Schedule
    zone: str
    next_at: datetime
    #: Its latest outbox row: id, created_at, done_at, dead_at, skipped_at; None when it never was.
    last: Any
    #: Its moment has passed and nobody has started it.
    late: bool


def title_of(row: Outbox) -> str:
    """What a delivery is called: the first line of its handler's text, English, to be translated."""
    handler = handlers.book().handlers.get((row.handler, row.name))
    return handler.title if handler is not None else row.name


def queues() -> list[QueueState]:
    """Every queue with its counts; `done` counts the last hour."""
    require("core.job.read")
    long = sa.exists().where(runs.c.outbox_id == Outbox.id, runs.c.state == "running")
    busy = sa.or_(Outbox.lease_until.is_not(None), long)
    due = sa.and_(sa.not_(busy), Outbox.available_at <= NOW)
    line = sa.select(
        Outbox.queue,
        sa.func.count().filter(due).label("waiting"),
        sa.func.count().filter(busy).label("running"),
        sa.func.count().filter(sa.not_(busy), Outbox.available_at > NOW).label("later"),
        sa.func.extract("epoch", NOW - sa.func.min(Outbox.available_at).filter(due)).label("waited"),
    )
    done = Outbox.done_at > NOW - timedelta(hours=1)
    stopped = sa.or_(Outbox.dead_at.is_not(None), Outbox.skipped_at.is_not(None))
    opened = {row.queue: row for row in db.session.execute(line.where(OPEN).group_by(Outbox.queue))}
    finished = _by_queue(done)
    parked = _by_queue(stopped, Outbox.given_up_at.is_(None))
    return [
        QueueState(
            name, row.waiting if row else 0, row.running if row else 0, row.later if row else 0,
            finished.get(name, 0), parked.get(name, 0), float(row.waited or 0) if row else 0.0,
        )
        for name, row in ((name, opened.get(name)) for name in QUEUES)
    ]  # fmt: skip


def _by_queue(*conditions: sa.ColumnElement[bool]) -> dict[str, int]:
    query = sa.select(Outbox.queue, sa.func.count()).where(*conditions).group_by(Outbox.queue)
    return {row[0]: row[1] for row in db.session.execute(query)}


def busy(limit: int = 50) -> list[Busy]:
    """Long work that is being done or waits, first what is being done; short work ends before one can look."""
    require("core.job.read")
    query = (
        sa.select(Outbox, JobRun)
        .outerjoin(JobRun, JobRun.outbox_id == Outbox.id)
        .where(OPEN, sa.or_(Outbox.lease_until.is_not(None), JobRun.outbox_id.is_not(None)))
        .order_by((JobRun.state == "running").desc().nulls_last(), Outbox.id)
        .limit(limit)
    )
    found: list[tuple[Outbox, JobRun | None]] = [(row, run) for row, run in db.session.execute(query)]
    return [
        Busy(
            row, run, run.title if run else title_of(row),
            row.lease_until is not None or (run is not None and run.state == "running"),
        )
        for row, run in found
    ]  # fmt: skip


def clock(now: datetime | None = None) -> list[Due]:
    """What the clock starts, soonest first, with its last run; modules that are off here have no line."""
    require("core.job.read")
    moment, zones = now or datetime.now(UTC), cron.zones()
    lines = [
        (handler, handler.schedule, zone)
        for handler in handlers.book().scheduled()
        if handler.schedule is not None and (handler.module == "core" or activation.is_active(handler.module))
        for zone in cron.zones_of(handler, zones)
    ]
    last = _last_runs([(handler.mark.name, _tail(schedule, zone)) for handler, schedule, zone in lines])
    found = [
        Due(
            handler, schedule, zone, schedule.following(moment, zone), row,
            _late(schedule, zone, moment, row.key if row else None),
        )
        for (handler, schedule, zone), row in zip(lines, last, strict=True)
    ]  # fmt: skip
    return sorted(found, key=lambda due: due.next_at)


def _tail(schedule: Schedule, zone: str) -> str:
    """What ends the key of a row of this schedule: days are counted in each zone apart."""
    return f"@{zone}" if isinstance(schedule, Daily) else ""


def _late(schedule: Schedule, zone: str, now: datetime, key: str | None) -> bool:
    # The occurrence of a while ago must be there; the very latest one may just be on its way.
    before = schedule.latest(now - PATIENCE, zone)
    return key is None or key < cron.key_of(before)


# The rows of the clock belong to no place, so only posts for everywhere could see them by themselves. When the
# nightly work ran tells nothing about anybody. Newest first by the unique index on (place, name, key).
_LAST = sa.text(
    "select o.id, o.key, o.created_at, o.done_at, o.dead_at, o.skipped_at, o.given_up_at "
    "from unnest(cast(:names as text[]), cast(:tails as text[])) with ordinality as w(name, tail, place) "
    "left join lateral (select * from core.outbox where place_no = :everywhere and name = w.name "
    "and key is not null and starts_with(key, 'due ') and (w.tail = '' or right(key, length(w.tail)) = w.tail) "
    "order by key desc limit 1) o on true order by w.place"
)


def _last_runs(wanted: list[tuple[str, str]]) -> list[Any]:
    names, tails = [name for name, _tail in wanted], [tail for _name, tail in wanted]
    with scopes.system("see when the work of the clock last ran"):
        facts = {"names": names, "tails": tails, "everywhere": EVERYWHERE}
        return [row if row.id is not None else None for row in db.session.execute(_LAST, facts)]
