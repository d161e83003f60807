"""When a job is due by the clock: `@every(hours=6)` or `@daily(at="02:00")` above `@job`.

A moment that passed while nothing ran is caught up once: an office computer may be off at two in the morning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Protocol, TypeVar
from zoneinfo import ZoneInfo

from core.errors import DolbomError
from core.jobs.payloads import Field

F = TypeVar("F", bound=Callable[..., Any])
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class BadSchedule(DolbomError):
    """A schedule cannot be followed."""

    code: ClassVar[str] = "jobs.bad-schedule"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Occurrence:
    """One due moment: its key is the same for every scheduler that sees it."""

    key: str
    on: date
    zone: str


class Schedule(Protocol):
    """A rhythm: tells its latest due moment in a zone."""

    def latest(self, now: datetime, zone: str) -> Occurrence:
        """The last moment this was due, at or before `now`."""

    def following(self, now: datetime, zone: str) -> datetime:
        """The next moment it is due, after `now`."""


@dataclass(frozen=True)
class Every:
    """A fixed step, counted from 1970 in UTC, so that all schedulers and restarts agree on the moments."""

    step: timedelta

    def latest(self, now: datetime, zone: str) -> Occurrence:
        """The last full step."""
        seconds = int(self.step.total_seconds())
        moment = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
        return Occurrence(moment.strftime("%Y-%m-%dT%H:%MZ"), moment.astimezone(ZoneInfo(zone)).date(), zone)

    def following(self, now: datetime, zone: str) -> datetime:
        """The next full step."""
        seconds = int(self.step.total_seconds())
        return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)


@dataclass(frozen=True)
class Daily:
    """Once each local day; on the night clocks change it is still once."""

    at: time

    def latest(self, now: datetime, zone: str) -> Occurrence:
        """Today if the time has come there, else yesterday."""
        place = ZoneInfo(zone)
        today = now.astimezone(place).date()
        # A time the clocks skip is read with the offset before the change, one they repeat is its first (fold
        # 0).
        come = datetime.combine(today, self.at, place).astimezone(UTC) <= now
        on = today if come else today - timedelta(days=1)
        return Occurrence(f"{on}@{zone}", on, zone)

    def following(self, now: datetime, zone: str) -> datetime:
        """The time on the local day after the latest one."""
        on = self.latest(now, zone).on + timedelta(days=1)
        return datetime.combine(on, self.at, ZoneInfo(zone)).astimezone(UTC)


def every(*, hours: int = 0, minutes: int = 0) -> Callable[[F], F]:
    """Run a job at a fixed step of at least a minute."""
    step = timedelta(hours=hours, minutes=minutes)
    if step < timedelta(minutes=1):
        raise BadSchedule("every(hours=…, minutes=…): a step is at least one minute.")
    return _marked(Every(step))


def daily(*, at: str) -> Callable[[F], F]:
    """Run a job once a day at a local time, e.g. "02:00".

    A job with the parameter `zone: str` runs once for each time zone of the installation's regions, at that
    local time; one without runs in the zone of the first country. `on: date` is the local day it runs for.
    """
    found = _CLOCK.fullmatch(at)
    if not found:
        raise BadSchedule(f"daily(at={at!r}): write the time as 02:00.")
    return _marked(Daily(time(int(found[1]), int(found[2]))))


def _marked(schedule: Schedule) -> Callable[[F], F]:
    def put(function: F) -> F:
        function.__dict__["__schedule__"] = schedule
        return function

    return put


def schedule_of(function: Callable[..., Any], name: str, fields: tuple[Field, ...]) -> Schedule | None:
    """The schedule on a handler; a scheduled job may ask for `on: date` and `zone: str`, nothing else."""
    schedule: Schedule | None = getattr(function, "__schedule__", None)
    wanted = {"on": date, "zone": str}
    if schedule is not None:
        for f in fields:
            if wanted.get(f.name) is not f.type and not f.optional:
                raise BadSchedule(
                    f"{name} is scheduled: the clock gives it only `on: date` and `zone: str`, not {f.name}."
                )
    return schedule
