"""Background work as it stands now: queues, long work with its progress, what the clock starts and when."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask_admin import expose
from flask_babel import gettext

from core.jobs import letters, overview
from core.jobs.overview import Due
from core.jobs.queues import QUEUES
from core.jobs.schedules import Daily, Every, Schedule
from core.security.access import require
from core.text import _
from core.web import following, i18n
from core.web.admin.guarded import PageView
from core.web.office import asked, naming

#: Seconds the first in line may wait before the page says that workers are missing.
PATIENCE = 60
QUEUE_TITLES = {"default": _("Short work"), "slow": _("Long work")}


class JobsPage(PageView):
    """See whether the work behind the pages gets done."""

    slug = "jobs"
    title = _("Background work")
    section = _("Administration")
    icon = "server"
    weight = 60
    permission = "core.job"

    @expose("/")
    def index(self) -> Any:
        """Queues, long work and the clock."""
        busy, due = overview.busy(), overview.clock()
        return self.render(
            "office/jobs.html", queues=overview.queues(), busy=busy, due=[self._due(one) for one in due],
            places=naming.places(one.row.place_no for one in busy), zone=i18n.zone(), waits=self._waits(),
            titles=QUEUE_TITLES, followed=following.STATES, say=gettext,
        )  # fmt: skip

    def _waits(self) -> int | None:
        """Minutes the longest due work has waited, when that is too long."""
        overdue = letters.backlog().overdue
        return int(overdue // 60) if overdue > PATIENCE else None

    def _due(self, one: Due) -> dict[str, Any]:
        return {
            "title": gettext(one.handler.title), "name": one.handler.mark.name, "zone": one.zone,
            "rhythm": rhythm(one.schedule), "next": one.next_at, "last": one.last.created_at if one.last else None,
            "outcome": _outcome(one), "number": one.last.id if one.last else None,
        }  # fmt: skip

    @expose("/<number>/progress")
    def progress(self, number: str) -> Any:
        """How far one piece of long work is, for the page that follows it."""
        require("core.job.read")
        return jsonify(following.facts(following.run(asked.number(number))))


def rhythm(schedule: Schedule) -> str:
    """When a schedule comes round, in words."""
    if isinstance(schedule, Daily):
        return str(_("every day at %(time)s", time=f"{schedule.at:%H:%M}"))
    assert isinstance(schedule, Every)
    minutes = int(schedule.step.total_seconds() // 60)
    if minutes % 60 == 0:
        return str(_("every %(count)s hours", count=minutes // 60))
    return str(_("every %(count)s minutes", count=minutes))


def _outcome(one: Due) -> tuple[str, Any]:
    """Kind and word of the last run."""
    if one.late:
        return "attention", _("late: nothing started it")
    last = one.last
    if last.done_at:
        return "ok", _("done")
    if last.given_up_at:
        return "neutral", _("given up")
    if last.dead_at or last.skipped_at:
        return "stop", _("stopped")
    return "waiting", _("waiting or running")


assert set(QUEUE_TITLES) == set(QUEUES), "every queue has a title people understand"
