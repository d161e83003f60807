"""Places of a centre: its classes, the free places that are being filled, and who comes next for each (S2-02, S2-16)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, request
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, validators

from core.sdk import NotFound, PageView, _, allowed, attempting, db, expose, require, scope
from modules.enrollment import rules, words
from modules.enrollment.models import Application, Vacancy
from modules.enrollment.services import close_vacancy, leave_out, offer, open_vacancy, places, set_places
from modules.enrollment.services.offering import MOST, REFUSALS, line
from modules.families import api as families

#: So many of those next in line are shown.
SHOWN = 20


class ClassForm(FlaskForm):
    """The places of one class."""

    year = SelectField(_("School year"), coerce=int)
    class_age = SelectField(_("Class"), coerce=int, choices=[])
    places = IntegerField(_("Places"), [validators.InputRequired(_("How many children may the class have?")), validators.NumberRange(0, 999)])
    held = IntegerField(_("Of these taken before the system"), [validators.Optional(), validators.NumberRange(0, 999)], default=0)


class FillForm(FlaskForm):
    """From which day a free place is filled."""

    starts_on = DateField(_("Free from"), [validators.InputRequired(_("Choose a day."))])


class LeaveOutForm(FlaskForm):
    """Why one family takes no part in one place."""

    code = SelectField(_("Lawful reason"), choices=[])
    evidence = StringField(_("What proves it"), [validators.InputRequired(_("Say what proves the reason."))])


class PlacesPage(PageView):
    """Places of the centre of the post."""

    slug = "places"
    title = _("Places and offers")
    permission = "enrollment.place"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """The classes with their places, and the free ones that are being filled."""
        return self._shown(self._here())

    @expose("/class", methods=("POST",))
    def class_view(self) -> Any:
        """Set the places of a class."""
        here, form = self._here(), self._class_form()
        refused = ""
        if form.validate_on_submit():
            with attempting() as attempt:
                set_places(here, form.year.data, form.class_age.data, places=form.places.data or 0, held=form.held.data or 0)
            if not attempt.refused:
                flash(_("Saved. The number stands in the public log."), "success")
                return redirect(self.get_url(".index"))
            refused = str(attempt.refused)
        return self._shown(here, form, refused), 422

    @expose("/class/<int:number>/fill", methods=("POST",))
    def fill_view(self, number: int) -> Any:
        """Begin to fill a free place of a class."""
        here = places.group_of(number).facility_id
        require("enrollment.place.fill", at=here)
        form, made, refused = FillForm(), 0, ""
        if form.validate_on_submit():
            assert form.starts_on.data is not None  # the form demands it
            with attempting() as attempt:
                made = open_vacancy(number, form.starts_on.data)
            if not attempt.refused:
                return redirect(self.get_url(".vacancy_view", number=made))
            refused = str(attempt.refused)
        return self._shown(here, refused=refused or str(_("Choose a day."))), 422

    @expose("/vacancy/<int:number>")
    def vacancy_view(self, number: int) -> Any:
        """One free place: who comes next, and why."""
        return self._vacancy(places.vacancy_of(number))

    @expose("/vacancy/<int:number>/offer", methods=("POST",))
    def offer_view(self, number: int) -> Any:
        """Offer the place to the first in line."""
        return self._act(number, lambda: offer(number), _("Offered. The family is told."))

    @expose("/vacancy/<int:number>/close", methods=("POST",))
    def close_view(self, number: int) -> Any:
        """Fill the place no longer."""
        return self._act(number, lambda: close_vacancy(number), _("The place is filled no longer."))

    @expose("/vacancy/<int:number>/leave-out/<int:application>", methods=("POST",))
    def leave_out_view(self, number: int, application: int) -> Any:
        """Leave the first in line out of this one place, with a coded reason."""
        code, evidence = request.form.get("code", ""), request.form.get("evidence", "")
        return self._act(
            number, lambda: leave_out(number, application, code=code, evidence=evidence),
            _("Left out of this place. The reason stands in the public log, the evidence does not."),
        )  # fmt: skip

    def _act(self, number: int, do: Any, done: Any) -> Any:
        with attempting() as attempt:
            do()
        if attempt.refused:
            return self._vacancy(places.vacancy_of(number), str(attempt.refused)), 422
        flash(done, "success")
        return redirect(self.get_url(".vacancy_view", number=number))

    def _here(self) -> int:
        """The centre of the post; an officer chooses one by `?facility=`."""
        mine = scope.current().facilities
        chosen = request.values.get("facility", type=int)
        here = chosen if chosen is not None else int(mine[0]) if mine else None
        if here is None or not scope.current().covers(here):
            raise NotFound(_("Choose a centre first."))
        require("enrollment.place.set", at=here)
        return here

    @staticmethod
    def _class_form() -> ClassForm:
        form = ClassForm()
        year = rules.school_year(scope.current().on_date)
        form.year.choices = [(one, f"{one}/{one + 1}") for one in (year, year + 1)]
        form.class_age.choices = [(age, str(_("Age %(age)s", age=age))) for age in range(rules.OLDEST_CLASS + 1)]
        return form

    def _shown(self, here: int, form: ClassForm | None = None, refused: str = "") -> Any:
        return self.render(
            "enrollment/office/places.html", classes=places.classes(here), vacancies=places.vacancies(here), refused=refused,
            waiting=places.waiting_by_list(here), form=form or self._class_form(), fill=FillForm(formdata=None), words=words,
            today=scope.current().on_date.isoformat(),
        )  # fmt: skip

    def _vacancy(self, found: Vacancy, refused: str = "") -> Any:
        require("enrollment.application.read", at=found.facility_id)
        entries, passed = line(found, SHOWN)
        numbers = [entry.application_id for entry in entries] + list(passed)
        applications = {row.id: row for row in db.session.scalars(sa.select(Application).where(Application.id.in_(numbers)).limit(SHOWN + MOST))}
        offered = db.session.scalar(sa.select(Application).where(Application.vacancy_id == found.id, Application.answer_by.is_not(None)))
        children = families.children({row.child_id for row in applications.values()} | ({offered.child_id} if offered else set()))
        form = LeaveOutForm(formdata=None)
        form.code.choices = [(code, str(words.PASSING[code])) for code in REFUSALS]
        return self.render(
            "enrollment/office/vacancy.html", one=found, entries=entries, passed=passed, applications=applications, children=children,
            offered=offered, form=form, may_fill=allowed("enrollment.place.fill", at=found.facility_id), refused=refused, words=words,
        )  # fmt: skip
