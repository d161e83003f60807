"""A long job as the page that waits for it shows it (`ui.progress`), and the same as JSON for its script."""

from __future__ import annotations

from typing import Any

from core.errors import NotFound
from core.jobs import progress
from core.jobs.models import JobRun
from core.text import _

#: How the page calls the states of a run.
STATES = {"waiting": "queued", "running": "running", "done": "done", "failed": "failed", "skipped": "failed"}


def run(number: int, job: str | None = None) -> JobRun:
    """A run as its person sees it, of `job` if one is named; `NotFound` when there is none that is theirs."""
    found = progress.of(number, job)
    if found is None:
        raise NotFound(_("There is no such work here: load the page again."))
    return found


def state(run: JobRun) -> str:
    """The word of `ui.progress` for where the run stands."""
    return STATES[run.state]


def facts(run: JobRun, result_url: str = "") -> dict[str, Any]:
    """What the script of the page asks for; the result's address only when there is one."""
    said = {"state": state(run), "done": run.done, "total": run.total, "message": run.message}
    return said | ({"result_url": result_url} if result_url and run.state == "done" else {})
