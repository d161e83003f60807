"""Centres in the back office: the district corrects and publishes, the centre asks for another number of places."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import SafeView, _, allowed, audit, db, expose, histories, i18n, require, scope
from modules.facilities import words
from modules.facilities.admin.capacity import STATES
from modules.facilities.admin.finding import by_code
from modules.facilities.models import CapacityChange, Facility
from modules.facilities.services import edit, publish, request_capacity
from modules.facilities.services.capacity import CapacityRefused

#: Fields that are empty text rather than nothing.
_TEXTS = ("address", "postcode", "phone", "fax", "homepage", "operator")


class RegisterView(SafeView):
    """Centres of the post; the district corrects what the register says."""

    of = Facility
    slug = "register"
    title = _("Centres")
    permission = "facilities.facility"
    can_edit = True
    column_list = ("name", "code", "kind", "status", "capacity", "enrolled", "published")
    column_labels = words.FIELDS
    column_numbers = ("capacity", "enrolled")
    column_sortable_list = (("name", "name_sort"), "capacity")
    column_searchable_list = ("name",)
    column_filters = ("kind", "status")
    column_words = {
        "kind": lambda: {**words.kinds(), "OTHER": _("Other")},
        "status": lambda: {code: word for code, (_look, word) in words.STATUSES.items()},
    }
    order = ("name_sort", False)
    rows_alone = True
    form_columns = (
        "name", "address", "postcode", "phone", "fax", "homepage", "lat", "lon", "licensed_on", "rooms", "room_area_m2",
        "total_area_m2", "playgrounds", "cctv", "staff_count", "bus", "operator",
    )  # fmt: skip
    updates = staticmethod(
        lambda facility, **facts: edit(
            facility, **{k: "" if v is None and k in _TEXTS else v for k, v in facts.items()}
        )
    )
    details_template = "facilities/office/centre.html"

    def search(self, query: Any, text: str) -> Any:
        """The same folded search as the public one: any script, initial consonants, no accents."""
        for pattern in i18n.search_patterns(text):
            query = query.filter(Facility.search_text.like(pattern))
        return query

    @expose("/details/")
    def details_view(self) -> Any:
        """One centre with its capacity, requests and change history."""
        require("facilities.facility.read")
        facility = self.get_one(request.args.get("id", ""))
        requests = (
            db.session.query(CapacityChange)
            .filter_by(facility_id=facility.id)
            .order_by(CapacityChange.id.desc())
            .limit(20)
            .all()
        )
        changes = audit.history("facilities.facility", facility.id) if allowed("core.change.read") else []
        history = histories.entries(changes, words.FIELDS, words.said)
        return self.render(
            self.details_template, facility=facility, words=words, states=STATES, requests=requests, history=history, csrf=generate_csrf(),
            may_ask=self.allowed_at("facilities.capacity_change.create", facility.id),
            may_publish=self.allowed_at("facilities.facility.publish", facility.id), today=scope.current().on_date.isoformat(),
        )  # fmt: skip

    @staticmethod
    def allowed_at(permission: str, place: int) -> bool:
        """Whether the post may do this at a centre."""
        return allowed(permission, at=place)

    @expose("/<code>/publish", methods=("POST",))
    def publish_view(self, code: str) -> Any:
        """Show the centre to the public, or take it off."""
        facility = by_code(code)
        publish(facility, on=request.form.get("on") == "1")
        db.session.commit()
        flash(
            _("The public sees the centre.")
            if facility.published
            else _("The public no longer sees the centre."),
            "success",
        )
        return redirect(self.get_url(".details_view", id=facility.id))

    @expose("/<code>/capacity", methods=("POST",))
    def capacity_view(self, code: str) -> Any:
        """Ask the district for another number of places."""
        facility = by_code(code)
        require("facilities.capacity_change.create", at=facility.id)
        try:
            request_capacity(
                facility, wanted=int(request.form["wanted"]), effective_on=date.fromisoformat(request.form["effective_on"]),
                reason=request.form.get("reason", ""), total_area_m2=_area("total_area_m2"), room_area_m2=_area("room_area_m2"),
            )  # fmt: skip
            db.session.commit()
            flash(_("The district has the request. Until it decides, the number of places stays."), "success")
        except (ValueError, KeyError, InvalidOperation):
            db.session.rollback()
            flash(_("Fill in the number of places, the day and the areas as numbers."), "error")
        except CapacityRefused as refused:
            db.session.rollback()
            flash(str(refused), "error")
        return redirect(self.get_url(".details_view", id=facility.id))


def _area(name: str) -> Decimal | None:
    text = request.form.get(name, "").strip().replace(",", ".")
    return Decimal(text) if text else None
