"""Photographs of meals in the back office: the centre adds them, the centre or the district takes them down (S2-28)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from flask import flash, redirect, request, send_file
from flask_wtf.csrf import generate_csrf

from core.sdk import NotFound, PageView, _, allowed, attempting, db, expose, require, scope
from modules.facilities.admin.finding import by_code, own_centre
from modules.facilities.meals import week_of
from modules.facilities.models import Facility, MealPhoto
from modules.facilities.services.photographing import (
    BadPhotograph,
    add_photograph,
    discard,
    file_of,
    take_down,
)


class MealsPage(PageView):
    """A week's photographs with the form to add one."""

    slug = "meals"
    title = _("Photographs of meals")
    permission = "facilities.meal_photo"

    @expose("/")
    def index(self) -> Any:
        """The one centre of the post, or the list of centres to choose from."""
        require("facilities.meal_photo.read")
        return own_centre(self)

    @expose("/<code>", methods=("GET", "POST"))
    def page(self, code: str) -> Any:
        """Show a week; a POST adds a photograph, and what was typed stays when it is refused."""
        facility = by_code(code)
        require("facilities.meal_photo.read", at=facility.id)
        if request.method == "GET":
            return self._shown(facility)
        with attempting() as attempt:
            upload = request.files.get("photograph")
            stream: Any = upload.stream if upload else io.BytesIO()
            photo = add_photograph(facility, stream, _day(), request.form.get("caption", ""))
        if attempt.refused:
            return self._shown(by_code(code), str(attempt.refused)), 422
        flash(_("The photograph is shown."), "success")
        return redirect(self.get_url(".page", code=code, week=f"{photo.day:%G-W%V}"))

    @expose("/<code>/<int:number>.jpg")
    def picture(self, code: str, number: int) -> Any:
        """One photograph, also of a centre that is not published yet."""
        facility = by_code(code)
        require("facilities.meal_photo.read", at=facility.id)
        return send_file(
            file_of(_one(facility, number)), mimetype="image/jpeg", download_name=f"meal-{number}.jpg"
        )

    @expose("/<code>/<int:number>/down", methods=("POST",))
    def down(self, code: str, number: int) -> Any:
        """Take a photograph down with a reason."""
        facility = by_code(code)
        photo = _one(facility, number)
        sha256 = photo.sha256
        with attempting() as attempt:
            take_down(photo, request.form.get("reason", ""))
        if attempt.refused:
            flash(str(attempt.refused), "error")
        else:
            discard(facility.id, sha256)
            flash(_("The photograph is gone. Who took it down and why stays in the history."), "success")
        return redirect(self.get_url(".page", code=code))

    def _shown(self, facility: Facility, wrong: str = "") -> str:
        return str(
            self.render(
                "facilities/office/meals.html", facility=facility, week=week_of(facility.id, request.args.get("week", "")),
                wrong=wrong, typed=request.form, today=scope.current().on_date.isoformat(), csrf=generate_csrf(),
                may_add=allowed("facilities.meal_photo.create", at=facility.id),
                may_take_down=allowed("facilities.meal_photo.remove", at=facility.id),
            )
        )  # fmt: skip


def _one(facility: Facility, number: int) -> MealPhoto:
    found = db.session.query(MealPhoto).filter_by(id=number, facility_id=facility.id).one_or_none()
    if found is None or not file_of(found).exists():
        raise NotFound(_("This photograph is not here any more."))
    return found


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise BadPhotograph(_("Choose the day of the meal.")) from None
