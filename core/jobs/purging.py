"""A purge runs in the background: many batches may take hours, and its certificate is the result to look at."""

from __future__ import annotations

from datetime import date

from core.host import retention
from core.jobs.handlers import job
from core.jobs.outbox import enqueue
from core.jobs.progress import Progress
from core.security import scope as scopes
from core.security.access import require
from core.security.identity import EVERYWHERE

NAME = "core.retention.purge"


def ask_for(rule: str, place: int, reason: str, rows: int) -> int | None:
    """Have a purge done after the caller's commit; refuses at once what it would refuse later. Gives the job's number."""
    require("core.retention.purge", at=place)
    on = scopes.current().on_date
    retention.check(rule, place, reason, on)
    return enqueue(
        NAME,
        place=None if place == EVERYWHERE else place,
        rule=rule,
        at=place,
        reason=reason.strip(),
        on=on,
        rows=rows,
    )


# Outside the worker's transaction: it commits each batch with its trace. Interrupted, the next attempt goes on with
# the same certificate, so nothing is counted twice.
@job(NAME, effect="outside", queue="slow", retries=2)
def purge_due(rule: str, at: int, reason: str, on: date, rows: int, progress: Progress) -> None:
    """Purge what is due"""
    progress.expect(rows)
    number = retention.purge(rule, at, reason, on=on, each=progress.step)
    progress.result(certificate=number)
