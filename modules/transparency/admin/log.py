"""How the log does, whom it asks, and what was found; administrators name witnesses and end them here."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import PageView, _, allowed, attempting, expose, i18n, require
from modules.transparency.services import proving, watching
from modules.transparency.services.alarming import alarms
from modules.transparency.services.reading import size


class LogPage(PageView):
    """One page: it is small, and whoever opens it wants to see all of it."""

    slug = "log"
    title = _("Public log")
    permission = "transparency.witness"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """Seal, witnesses, alarms."""
        return self._shown()

    @expose("/witness", methods=("POST",))
    def add(self) -> Any:
        """Ask another witness."""
        with attempting() as attempt:
            watching.add_witness(request.form.get("vkey", ""), request.form.get("url", ""))
        if attempt.refused:
            return self._shown(str(attempt.refused)), 422
        flash(_("The witness is asked from now on."), "success")
        return redirect(self.get_url(".index"))

    @expose("/witness/<int:number>/end", methods=("POST",))
    def end(self, number: int) -> Any:
        """Ask a witness no more."""
        watching.end_witness(number)
        flash(_("The witness is no longer asked. What it signed stands."), "success")
        return redirect(self.get_url(".index"))

    def _shown(self, refused: str = "") -> Any:
        require("transparency.witness.read")
        asked = watching.witnesses()
        return self.render(
            "transparency/office/log.html", head=proving.newest(), size=size(), witnesses=asked, alarms=alarms(), refused=refused,
            needed=proving.quorum_of(len(asked)), csrf=generate_csrf(), zone=i18n.zone(),
            may_change=allowed("transparency.witness.add"),
        )  # fmt: skip
