"""Background work that stopped: why, in plain words; send it again, or give it up with a reason (dead letters)."""

from __future__ import annotations

from typing import Any, get_args

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from core.errors import NotFound
from core.jobs import letters
from core.jobs.failures import in_words
from core.jobs.models import Outbox
from core.jobs.overview import title_of
from core.security import access
from core.text import _, ngettext
from core.web import i18n
from core.web.admin.guarded import PageView, attempting
from core.web.office import asked, naming

SIZE = 50
#: The lists of the page: state → its title, and what an empty one says.
LISTS = {
    "dead": (_("Failed"), _("Nothing has failed. Work that fails for good appears here.")),
    "skipped": (_("Module off"), _("No work was left because a module is off.")),
    "given_up": (_("Given up"), _("Nobody has given anything up in the last month.")),
}
_OUTCOMES = {
    "done": ("ok", _("done")), "failed": ("stop", _("failed")), "died": ("stop", _("worker stopped")),
    "skipped": ("neutral", _("module off")), None: ("waiting", _("running now")),
}  # fmt: skip
_ACTS = {"retry": _("Sent again"), "give_up": _("Given up")}


class LettersPage(PageView):
    """Look after what stopped."""

    slug = "letters"
    title = _("Stopped work")
    section = _("Administration")
    icon = "attention"
    weight = 61
    permission = "core.job"

    @expose("/")
    def index(self) -> Any:
        """One list: what failed, what a module that is off left, or what was given up."""
        state = request.args.get("state", "dead")
        if state not in LISTS:
            raise NotFound(_("There is no such list: choose one of those above."))
        mark = request.args.get("before")
        before = asked.number(mark) if mark else None
        found = letters.listing(state, limit=SIZE + 1, before=before)  # type: ignore[arg-type]  # LISTS are states
        rows, more = found[:SIZE], len(found) > SIZE
        return self.render(
            "office/letters.html", state=state, lists=LISTS, rows=rows, titles={r.id: self._title(r) for r in rows},
            reasons={r.id: in_words(r.error) for r in rows}, places=naming.places(r.place_no for r in rows),
            zone=i18n.zone(), csrf=generate_csrf(), may_retry=self.may("retry"), may_give_up=self.may("give_up"),
            first=self.get_url(".index", state=state) if before else None,
            next=self.get_url(".index", state=state, before=rows[-1].id) if more else None,
        )  # fmt: skip

    def _title(self, row: Outbox) -> str:
        return str(gettext(title_of(row)))

    @expose("/<number>")
    def details(self, number: str) -> Any:
        """One piece of work: its attempts, what people decided, and what can be done."""
        row = letters.one(asked.number(number))
        decisions = letters.decisions_of(row.id)
        names = naming.people([row.account_id, *(one.account_id for one in decisions)])
        zone = i18n.zone()
        return self.render(
            "office/letter.html", row=row, name=self._title(row), why=in_words(row.error), zone=zone,
            attempts=letters.attempts_of(row.id), outcomes=_OUTCOMES, csrf=generate_csrf(),
            place=naming.places([row.place_no])[row.place_no], names=names,
            stopped=row.dead_at is not None or row.skipped_at is not None,
            history=[
                {"at": i18n.moment(one.at, zone), "who": names[one.account_id], "what": _ACTS[one.act], "reason": one.reason}
                for one in decisions
            ],
            may_retry=self.may("retry", row), may_give_up=self.may("give_up", row),
        )  # fmt: skip

    @expose("/<number>/retry", methods=("POST",))
    def retry(self, number: str) -> Any:
        """Send one again; it can stop again, so nothing is lost by trying."""
        return self._act("retry", [asked.number(number)])

    @expose("/<number>/give-up", methods=("POST",))
    def give_up(self, number: str) -> Any:
        """Give one up with a reason."""
        return self._act("give_up", [asked.number(number)])

    @expose("/chosen", methods=("POST",))
    def chosen(self) -> Any:
        """Say how many and which ones before doing it."""
        act = request.form.get("act", "")
        if act not in get_args(letters.Act):
            raise NotFound(_("There is no such act: choose one of the buttons under the list."))
        access.require(f"core.job.{act}")
        chosen = asked.numbers(request.form.getlist("rowid"))
        if not chosen:
            flash(_("Nothing was chosen: tick the rows first."), "warning")
            return redirect(self.get_url(".index"))
        rows = letters.several(chosen)
        return self.render(
            "office/letters_chosen.html", act=act, chosen=chosen, csrf=generate_csrf(),
            sample=[f"{row.id} · {self._title(row)}" for row in rows[:5]],
        )  # fmt: skip

    @expose("/act", methods=("POST",))
    def act(self) -> Any:
        """Do what was confirmed to the chosen rows: all of them or none."""
        act = request.form.get("act", "")
        if act not in get_args(letters.Act):
            raise NotFound(_("There is no such act: choose one of the buttons under the list."))
        return self._act(act, asked.numbers(request.form.getlist("rowid")))

    def _act(self, act: str, chosen: list[int]) -> Any:
        back = self.get_url(".details", number=chosen[0]) if len(chosen) == 1 else self.get_url(".index")
        with attempting() as attempt:
            if act == "retry":
                count = letters.retry_all(chosen, asked.reason())
                said = ngettext(
                    "%(num)s piece of work is sent again.", "%(num)s pieces of work are sent again.", count
                )
            else:
                count = letters.give_up(chosen, reason=asked.reason())
                said = ngettext(
                    "%(num)s piece of work is given up.", "%(num)s pieces of work are given up.", count
                )
        if attempt.refused:
            flash(str(attempt.refused), "error")
            return redirect(back)
        flash(str(said), "success")
        return redirect(back)
