"""Background work: typed events, jobs and schedules, kept in the outbox, done exactly once."""

from __future__ import annotations

from core.jobs.events import event, publish
from core.jobs.handlers import job, on
from core.jobs.outbox import enqueue
from core.jobs.progress import Progress
from core.jobs.schedules import daily, every

__all__ = ["Progress", "daily", "enqueue", "event", "every", "job", "on", "publish"]
