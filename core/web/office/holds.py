"""Legal holds: set one so that nothing of a module goes at a place, lift it with a reason (D8, D24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf

from core.errors import NotFound
from core.host import retention
from core.host.running import running
from core.security import access
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE
from core.text import _
from core.web import i18n
from core.web.admin.guarded import PageView, attempting
from core.web.office import asked, naming

#: So many stand at once only when something is wrong; the newest are shown.
MOST = 200


class HoldsPage(PageView):
    """Keep data that somebody still needs, whatever its age."""

    slug = "holds"
    title = _("Legal holds")
    section = _("Administration")
    icon = "gavel"
    weight = 71
    permission = "core.retention"

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """The holds in force, and the form for another one."""
        me = scopes.current()
        here = EVERYWHERE if me.place is None else me.place
        if request.method == "POST" and self._set():
            return redirect(self.get_url(".index"))
        found = retention.holds(None if here == EVERYWHERE else here)[:MOST]
        return self.render(
            "office/holds.html", holds=found, zone=i18n.zone(), csrf=generate_csrf(), modules=self._modules(),
            places=naming.places(hold.place_no for hold in found), names=naming.people(hold.account_id for hold in found),
            known=naming.regions(), everywhere=here == EVERYWHERE, may_hold=self.may("hold"), given=request.form,
        )  # fmt: skip

    def _modules(self) -> list[tuple[str, str]]:
        return [
            (manifest.name, manifest.title) for manifest in running().registry if manifest.kind != "region"
        ]

    def _set(self) -> bool:
        module = request.form.get("module", "")
        if module not in dict(self._modules()):
            raise NotFound(_("There is no such module: choose one of the list."))

        def place_it() -> None:
            place = asked.place() if request.form.get("place", "").strip() else None
            retention.place_hold(module, place, asked.reason())

        return self._done(
            place_it, _("The hold stands: nothing of this module is purged there until it is lifted.")
        )

    @expose("/<number>/lift", methods=("POST",))
    def lift(self, number: str) -> Any:
        """End a hold; it stays on record with who lifted it and why."""
        access.require("core.retention.hold")
        chosen = asked.number(number)
        self._done(
            lambda: retention.lift_hold(chosen, asked.reason()),
            _("The hold is lifted; the record of it stays."),
        )
        return redirect(self.get_url(".index"))

    def _done(self, act: Callable[[], None], said: Any) -> bool:
        with attempting() as attempt:
            act()
        flash(str(attempt.refused or said), "error" if attempt.refused else "success")
        return attempt.refused is None
