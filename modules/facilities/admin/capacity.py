"""Requests for another number of places in the back office; the district decides each with its reason (S1-113)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import SafeView, _, allowed, attempting, db, expose, require
from modules.facilities.models import CapacityChange, Facility
from modules.facilities.rules import STEPS
from modules.facilities.services import decide_capacity, withdraw_capacity

STATES: dict[str, tuple[str, Any]] = {
    "requested": ("waiting", _("waiting for the district")),
    "approved": ("ok", _("approved, not yet in force")),
    "rejected": ("stop", _("rejected")),
    "withdrawn": ("neutral", _("withdrawn")),
    "in_force": ("ok", _("in force")),
}


class CapacityView(SafeView):
    """Requests for another number of places; the district decides each with its reason."""

    of = CapacityChange
    slug = "capacity"
    title = _("Capacity requests")
    permission = "facilities.capacity_change"
    column_list = ("facility_id", "before", "wanted", "effective_on", "state", "requested_at")
    column_labels = {
        "facility_id": _("Centre"), "before": _("Places now"), "wanted": _("Places wanted"), "effective_on": _("From"),
        "state": _("State"), "requested_at": _("Asked"),
    }  # fmt: skip
    column_numbers = ("before", "wanted")
    column_filters = ("state",)
    column_words = {"state": lambda: {code: word for code, (_look, word) in STATES.items()}}
    column_sortable_list = ("effective_on",)
    order = ("id", True)
    details_template = "facilities/office/capacity.html"

    def get_list(self, *args: Any, **kw: Any) -> Any:
        """The page with the names of its centres, in one further query."""
        count, rows = super().get_list(*args, **kw)
        found = db.session.query(Facility.id, Facility.name).filter(
            Facility.id.in_({row.facility_id for row in rows})
        )
        self._template_args["names"] = names = dict(found.all())
        for row in rows:
            row.centre = names.get(row.facility_id, str(row.facility_id))
        return count, rows

    column_formatters = {
        "facility_id": lambda view, context, row, name: getattr(row, "centre", row.facility_id),
    }

    @expose("/details/")
    def details_view(self) -> Any:
        """One request with the figures behind it."""
        require("facilities.capacity_change.read")
        change = self.get_one(request.args.get("id", ""))
        facility = db.session.get(Facility, change.facility_id)
        return self.render(
            self.details_template, change=change, facility=facility, csrf=generate_csrf(), state=STATES[change.state], steps=STEPS,
            may_decide=change.state == "requested" and allowed("facilities.capacity_change.approve", at=change.facility_id),
            may_withdraw=change.state == "requested" and allowed("facilities.capacity_change.withdraw", at=change.facility_id),
        )  # fmt: skip

    @expose("/<int:number>/decide", methods=("POST",))
    def decide_view(self, number: int) -> Any:
        """Approve, reject or withdraw."""
        change = self.get_one(number)
        act = request.form.get("act")
        with attempting() as attempt:
            if act == "withdraw":
                withdraw_capacity(change)
            else:
                decide_capacity(change, approve=act == "approve", decision=request.form.get("decision", ""))
        if attempt.refused:
            flash(str(attempt.refused), "error")
        else:
            flash(_("Done: %(state)s.", state=STATES[change.state][1]), "success")
        return redirect(self.get_url(".details_view", id=number))
