"""The lists of a centre by pseudonym, which everybody may check, and the way to them from the centre's page (S2-14)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import render_template, request, url_for

from core.sdk import _, db, extension, open_to_all, require, scope
from modules.enrollment import words
from modules.enrollment.models import Entry, ListEvent
from modules.enrollment.services import listed
from modules.enrollment.services.policy import claimable
from modules.enrollment.web.blueprint import MANY, SHORT, bp, centre_of, zone_of
from modules.facilities import api as facilities

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
    ages = db.session.execute(
        sa.select(Entry.class_age, sa.func.count())
        .where(Entry.facility_id == number, Entry.state == "waiting")
        .group_by(Entry.class_age)
        .order_by(Entry.class_age)
    ).all()
    chosen = request.args.get("age", type=int, default=ages[0][0] if ages else 0)
    steps = db.session.scalars(
        sa.select(ListEvent).where(ListEvent.facility_id == number).order_by(ListEvent.id.desc()).limit(MANY)
    ).all()
    return render_template(
        "enrollment/waiting.html", name=name, code=code, ages=ages, chosen=chosen, rows=listed(number, chosen), steps=steps,
        words=words, short=SHORT, zone=zone_of(number),
    )  # fmt: skip
