"""What the clock demands: each due moment of a schedule becomes one outbox row, whoever looks.

The row's key names the moment, so a second scheduler, a restart or a loss of Redis changes nothing. Why not
RQ's own cron: docs/decisions/jobs.md.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from core.db.base import db
from core.jobs import handlers, outbox, payloads
from core.jobs.handlers import Handler
from core.jobs.schedules import Occurrence
from core.regions.atlas import atlas
from core.security import scope as scopes

_ZONES_FOR = 60.0


class Clock:
    """One scheduler's memory of what it has enqueued: it asks the database only when a moment comes."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], str] = {}
        self._zones: list[str] = []
        self._zones_at = 0.0

    def tick(self, now: datetime | None = None) -> int:
        """Enqueue the latest due moment of every schedule unless that was done; returns how many were new."""
        moment = now or datetime.now(UTC)
        due = [
            (handler, occurrence)
            for handler in handlers.book().scheduled()
            for occurrence in self._occurrences(handler, moment)
            if self._seen.get((handler.mark.name, occurrence.zone)) != occurrence.key
        ]
        if not due:
            return 0
        with scopes.system("start what the clock demands", actor="scheduler"):
            new = sum(_enqueue(handler, occurrence) for handler, occurrence in due)
            db.session.commit()
        self._seen.update(
            {(handler.mark.name, occurrence.zone): occurrence.key for handler, occurrence in due}
        )
        return new

    def _occurrences(self, handler: Handler, now: datetime) -> list[Occurrence]:
        assert handler.schedule is not None
        return [handler.schedule.latest(now, zone) for zone in zones_of(handler, self._all_zones())]

    def _all_zones(self) -> list[str]:
        if not self._zones or time.monotonic() - self._zones_at > _ZONES_FOR:
            with scopes.system("read the time zones of the regions", actor="scheduler"):
                self._zones = zones()
            self._zones_at = time.monotonic()
        return self._zones


def zones() -> list[str]:
    """The time zones of the installation's regions, the first country's first."""
    return list(dict.fromkeys(node.timezone for node in atlas().nodes.values())) or ["UTC"]


def zones_of(handler: Handler, known: list[str]) -> list[str]:
    """Where a scheduled job comes round: each time zone if it asks for `zone`, else the first country's."""
    return known if any(f.name == "zone" for f in handler.fields) else known[:1]


def key_of(occurrence: Occurrence) -> str:
    """The key of the outbox row of a due moment."""
    return f"due {occurrence.key}"


def _enqueue(handler: Handler, occurrence: Occurrence) -> int:
    given = {"on": occurrence.on, "zone": occurrence.zone}
    wanted = {f.name: given[f.name] for f in handler.fields if f.name in given}
    stored = payloads.encode(handler.mark.name, handler.fields, wanted)
    return len(outbox.write([handler], handler.mark.name, stored, key=key_of(occurrence)))
