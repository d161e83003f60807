"""Applying for a family at the counter: the same rules, time and receipt as online (F-57, S1-126)."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField, validators

from core.sdk import NotFound, PageView, _, allowed, attempting, expose, extension, require, scope
from modules.enrollment import words
from modules.enrollment.services import apply_at_counter, papering, papers, receipts
from modules.enrollment.services.policy import claimable
from modules.families import api as families


def _act(child_id: int) -> dict[str, Any] | None:
    mine = scope.current().facilities
    if not mine or not allowed("enrollment.application.enter", at=mine[0]):
        return None
    return {"label": _("Apply for this child"), "url": url_for("enrollment-desk.apply_view", child_id=child_id)}


extension.fill("enrollment", "families.office.child", _act)


class DeskForm(FlaskForm):
    """From which day, and what the family says applies."""

    applied_on = DateField(_("On our paper list since"), [validators.Optional()])
    wanted_from = DateField(_("From which day"), [validators.InputRequired(_("Choose a day."))])
    claims = SelectMultipleField(_("What applies to the family"), choices=[])


class DeskPage(PageView):
    """Applications entered for families who came in person or telephoned."""

    slug = "desk"
    title = _("Apply for a family")
    permission = "enrollment.application"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """Begin with the child."""
        return redirect(url_for("families-counter.index"))

    @expose("/<int:child_id>", methods=("GET", "POST"))
    def apply_view(self, child_id: int) -> Any:
        """Apply for one child to the centre of the post."""
        mine = scope.current().facilities
        if not mine:
            abort(404)  # an office has no counter
        here = int(mine[0])
        require("enrollment.application.enter", at=here)
        child = families.children([child_id]).get(child_id)
        if child is None:
            raise NotFound(_("There is no such child here."))
        form, refused, made = DeskForm(), "", 0
        form.claims.choices = [(one, str(words.circumstance(one))) for one in claimable(here, scope.current().on_date)]
        if form.validate_on_submit():
            assert form.wanted_from.data is not None  # the form demands it
            with attempting() as attempt:
                if form.applied_on.data is not None:
                    papering.note(
                        child_id, here, applied_on=form.applied_on.data, wanted_from=form.wanted_from.data, claimed=form.claims.data or ()
                    )
                else:
                    made = apply_at_counter(child_id, here, wanted_from=form.wanted_from.data, claimed=form.claims.data or ())
            if not attempt.refused and not made:
                flash(_("Copied. It stands in no list until the whole paper list is taken over."), "success")
                return redirect(url_for("enrollment-paper.index"))
            if not attempt.refused:
                flash(_("The application is in. Give the family its receipt."), "success")
                return redirect(url_for("enrollment-applications.details_view", id=made))
            refused = str(attempt.refused)
        page = self.render(
            "enrollment/office/desk.html", child=child, form=form, refused=refused, typed=request.form, words=words,
            may_copy=allowed("enrollment.application.enter", at=here),
            today=scope.current().on_date.isoformat(), needed=papers.needed(here), title_of=families.paper_title,
            missing=families.missing_consents(child_id, here),
        )  # fmt: skip
        return page, 422 if form.errors or refused else 200

    @expose("/receipt/<int:number>.pdf")
    def receipt(self, number: int) -> Any:
        """The receipt to hand over."""
        answer = Response(receipts.receipt(number), mimetype="application/pdf")
        answer.headers["Content-Disposition"] = f"inline; filename=receipt-{number}.pdf"
        answer.headers["Cache-Control"] = "no-store"
        return answer
