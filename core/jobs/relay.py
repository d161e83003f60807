"""The relay rings the bell for what is due, takes work back from the dead, and starts what the clock demands.

NOTIFY makes it quick, the look once a second makes it sure. Several relays may run: a row is offered by one
of them.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from logging import getLogger
from threading import Event, Lock

import psycopg
import redis
import sqlalchemy as sa
from flask import Flask

from core.db.base import db
from core.host.running import running
from core.jobs import attempts
from core.jobs.attempts import DUE, FREE, NOW, outbox
from core.jobs.bell import Bell, Ring
from core.jobs.cron import Clock
from core.jobs.queues import QUEUES, Queue, batches

CHANNEL = "dolbom_outbox"
#: Seconds after which an offered row that neither waits in the bell nor is being worked on is offered again.
AGAIN_AFTER = 8.0
#: Seconds between two looks: when all is quiet, when the bell was full, and at the least.
_POLL, _FULL_POLL, _BREATH = 1.0, 0.1, 0.02
_DIED = "Its worker died or hung: no sign of life until the lease ran out."
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_log = getLogger("dolbom.jobs")

#: A relay may run in a thread of the worker's process: that forks only between two turns, so that no child
#: inherits a lock that a turn was holding.
_turning = Lock()
os.register_at_fork(
    before=_turning.acquire, after_in_parent=_turning.release, after_in_child=_turning.release
)


def run(app: Flask, stop_event: Event, again_after: float = AGAIN_AFTER) -> None:
    """Relay until `stop_event` is set; a lost server is waited for."""
    with app.app_context():
        while not stop_event.is_set():
            try:
                _listen(Relay(app, again_after), running().servers.system_url, stop_event)
            except (psycopg.Error, sa.exc.DBAPIError, redis.RedisError) as error:
                _log.warning("relay: %s: %s; trying again", type(error).__name__, error)
                db.engines["system"].dispose()
                stop_event.wait(_POLL)


def _listen(relay: Relay, url: str, stop_event: Event) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as listener:
        listener.execute(f"listen {CHANNEL}")
        while not stop_event.is_set():
            full = relay.turn()
            for _ in listener.notifies(timeout=_FULL_POLL if full else _POLL, stop_after=1):
                pass
            stop_event.wait(_BREATH)  # a burst of commits is one look, not hundreds


class Relay:
    """One relay's hands."""

    def __init__(self, app: Flask, again_after: float = AGAIN_AFTER) -> None:
        self.bell = Bell(running(app).servers)
        self._clock = Clock()
        self._again_after = timedelta(seconds=again_after)
        self._looked_at = 0.0

    def turn(self) -> bool:
        """Do once what is to be done; True when a bell is full and more may be due."""
        with _turning:
            return self._turn()

    def _turn(self) -> bool:
        if time.monotonic() - self._looked_at >= _POLL:
            self._looked_at = time.monotonic()
            self._clock.tick()
            sweep()
        full = [self.offer(queue) for queue in QUEUES.values()]
        return any(full)

    def offer(self, queue: Queue) -> bool:
        """Ring for due rows of one queue, lost ones first and to the front; True when room ran out."""
        waiting = self.bell.waiting(queue)
        room = queue.room - sum(ring.count for ring in waiting)
        if waiting and room < queue.batch:
            # A ring at a time: filling every gap at once would make rings ever smaller, down to a fork for each row.
            return True
        # What was offered before the oldest ring still waiting has left the bell: if nobody works on it, it
        # is lost.
        oldest = min((ring.offered_at for ring in waiting), default=_FAR)
        lost = outbox.c.offered_at < sa.func.least(NOW - self._again_after, oldest)
        room -= self._ring(queue, lost, outbox.c.offered_at, room, first=True, share=not waiting)
        room -= self._ring(queue, outbox.c.offered_at.is_(None), outbox.c.available_at, room, first=False, share=not waiting)
        return room <= 0

    def _ring(
        self,
        queue: Queue,
        which: sa.ColumnElement[bool],
        order: sa.ColumnElement[datetime],
        room: int,
        *,
        first: bool,
        share: bool,
    ) -> int:
        if room <= 0:
            return 0
        due = (
            sa.select(outbox.c.id).where(outbox.c.queue == queue.name, which, DUE, FREE)
            .order_by(order).limit(room).with_for_update(skip_locked=True, key_share=True).cte("due")
        )  # fmt: skip
        offered = sa.update(outbox).where(outbox.c.id == due.c.id).values(offered_at=NOW)
        with db.engines["system"].begin() as connection:
            rows = connection.execute(offered.returning(outbox.c.id, outbox.c.offered_at)).all()
        at = {row.id: row.offered_at for row in rows}
        for ids in batches(queue, sorted(at), share=share):
            self.bell.ring(queue, Ring(len(ids), min(at[n] for n in ids)), ids, first=first)
        return len(rows)


def sweep() -> int:
    """End the attempts whose lease ran out, so that others can work; returns how many."""
    with db.engines["system"].begin() as connection:
        found = attempts.expired(connection)
        for mine in found:
            attempts.end(connection, mine, "died", _DIED)
    return len(found)
