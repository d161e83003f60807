"""What a centre offers and tells, in the back office: one page, each part a form for the one who keeps it (S2-43)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import PageView, _, allowed, atlas, attempting, expose, require, scope
from modules.facilities import words
from modules.facilities.admin import offer_forms as forms
from modules.facilities.admin import offer_history
from modules.facilities.admin.finding import by_code, own_centre
from modules.facilities.models import Facility
from modules.facilities.services.disclosing import describe_meals, disclose
from modules.facilities.services.offer import (
    close_on,
    designate,
    open_on_again,
    set_hours,
    set_standings,
)


def _hours(facility: Facility, posted: Any) -> None:
    set_hours(facility, posted.get("season", ""), forms.hours(posted), posted.get("reason", ""))


def _designate(facility: Facility, posted: Any) -> None:
    designate(facility, posted.getlist("service"), posted.get("reason", ""))


def _standing(facility: Facility, posted: Any) -> None:
    set_standings(facility, forms.standings(posted), posted.get("reason", ""))


def _closing(facility: Facility, posted: Any) -> None:
    act = open_on_again if posted.get("act") == "open" else close_on
    act(facility, forms.day(posted), posted.get("reason", ""))


def _disclose(facility: Facility, posted: Any) -> None:
    region = atlas().region_of(facility.id)
    texts = {name: posted.get(name, "") for name in ("programmes", "insurance", "extent")}
    disclose(
        facility,
        fees=forms.fees(posted, region.currency if region else ""),
        reason=posted.get("reason", ""),
        **texts,
    )


def _meals(facility: Facility, posted: Any) -> None:
    describe_meals(facility, posted.get("meals", ""), posted.get("reason", ""))


#: Part = permission `facilities.offer.<part>` → what its form does.
PARTS: dict[str, Callable[[Facility, Any], None]] = {
    "hours": _hours,
    "designate": _designate,
    "standing": _standing,
    "closing": _closing,
    "disclose": _disclose,
    "meals": _meals,
}


class OfferPage(PageView):
    """Everything a centre offers; whoever keeps a part finds its form, everybody else reads it."""

    slug = "offer"
    title = _("What the centre offers")
    permission = "facilities.offer"

    @expose("/")
    def index(self) -> Any:
        """The one centre of the post, or the list of centres to choose from."""
        require("facilities.offer.read")
        return own_centre(self)

    @expose("/<code>")
    def page(self, code: str) -> Any:
        """All parts of one centre."""
        facility = by_code(code)
        require("facilities.offer.read", at=facility.id)
        return self._shown(facility)

    @expose("/<code>/<part>", methods=("POST",))
    def save(self, code: str, part: str) -> Any:
        """Save one part; what was typed stays on the page when it is refused."""
        if part not in PARTS:
            abort(404)
        facility = by_code(code)
        with attempting() as attempt:
            PARTS[part](facility, request.form)
        if attempt.refused:
            return self._shown(by_code(code), part, str(attempt.refused)), 422
        flash(_("Saved. Visitors see it at once."), "success")
        return redirect(self.get_url(".page", code=code) + f"#{part}")

    def _shown(self, facility: Facility, wrong: str = "", message: str = "") -> str:
        region = atlas().region_of(facility.id)
        currency = region.currency if region else ""
        today = scope.current().on_date
        typed = request.form if wrong else None
        season = (typed or request.args).get("season", "all")
        return str(
            self.render(
                "facilities/office/offer.html", facility=facility, words=words, csrf=generate_csrf(), currency=currency,
                may={part: allowed(f"facilities.offer.{part}", at=facility.id) for part in PARTS}, wrong=wrong,
                message=message, typed=typed or {}, today=today.isoformat(), season=season,
                week=forms.week(facility, season, typed if wrong == "hours" else None),
                fees=forms.fee_rows(facility, currency, typed if wrong == "disclose" else None),
                chosen=typed.getlist("service") if typed and wrong == "designate" else [s.service for s in facility.services],
                ahead=[row for row in facility.closing_days if row.day >= today],
                history=offer_history.of(facility.id, currency),
            )
        )  # fmt: skip
