"""The lists of a centre by pseudonym, which everybody may check, and the way to them from the centre's page (S2-14)."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from core.sdk import _, extension, open_to_all, require, scope
from modules.enrollment import words
from modules.enrollment.services import listed, places
from modules.enrollment.services.policy import claimable
from modules.enrollment.web.blueprint import MANY, SHORT, bp, centre_of, zone_of
from modules.facilities import api as facilities
from modules.transparency import api as log

PUBLIC = "waiting lists are public by pseudonym (S2-14)"


def _acts(facility_id: int, code: str) -> dict[str, Any] | None:
    centre = facilities.centre(facility_id)
    if centre is None or not centre.takes_children or not claimable(facility_id, scope.current().on_date):
        return None
    return {"label": _("Apply here"), "url": url_for("enrollment.apply_here", code=code), "main": True}


def _list(facility_id: int, code: str) -> dict[str, Any]:
    return {"label": _("Waiting list"), "url": url_for("enrollment.waiting", code=code), "main": False}


extension.fill("enrollment", "facilities.detail", _acts)
extension.fill("enrollment", "facilities.detail", _list)


@bp.get("/waiting/<code>")
@open_to_all(PUBLIC)
def waiting(code: str) -> Any:
    """The lists of a centre by class, and their last steps: what everybody may check."""
    number, name = centre_of(code)
    require("enrollment.entry.read")
    lists = places.waiting_by_list(number)
    chosen = request.args.get("list", "")
    chosen = f"{code}/{chosen}" if f"{code}/{chosen}" in lists else next(iter(lists), "")
    return render_template(
        "enrollment/waiting.html", name=name, code=code, lists=lists, chosen=chosen, rows=listed(number, chosen),
        steps=log.steps(number, limit=MANY), words=words, short=SHORT, zone=zone_of(number), classes=places.classes(number),
    )  # fmt: skip
