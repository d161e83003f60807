"""A family at the counter: look for the child, register it if it is not there (S1-218, S1-219, F-57)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, redirect, request, url_for

from core.sdk import PageView, _, attempting, expose, i18n, require, running, scope
from modules.families.forms import DeskForm, LookForm
from modules.families.services import find_registered, register_child
from modules.families.services.counter import Desk


class CounterPage(PageView):
    """Look and register, for the centre of the post."""

    slug = "counter"
    title = _("A family at the counter")
    permission = "families.child"
    listed = False

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Look for a child; whoever is not found is registered on the spot."""
        here = self._here()
        require("families.child.register", at=here)
        form, refused, looked = LookForm(), "", False
        if form.validate_on_submit():
            assert form.born_on.data is not None  # the form demands it
            with attempting() as attempt:
                number = find_registered(
                    name=form.name.data or "", born_on=form.born_on.data, phone_ending=form.phone_ending.data or "",
                    facility_id=here,
                )  # fmt: skip
            if not attempt.refused and number is not None:
                flash(_("The child is registered already."), "success")
                return redirect(url_for("families-children.details_view", id=number))
            refused, looked = str(attempt.refused or ""), not attempt.refused
        return self._page(look=form, desk=self._desk(form), refused=refused, looked=looked)

    @expose("/register", methods=("POST",))
    def register_view(self) -> Any:
        """Register the child with its guardian."""
        here = self._here()
        require("families.child.register", at=here)
        form, refused = DeskForm(i18n.names(running().settings.languages)), ""
        if form.validate_on_submit():
            with attempting() as attempt:
                number = register_child(_told(form), facility_id=here)
            if not attempt.refused:
                flash(_("The child is registered, with the same rights as one whose family did it online."), "success")
                return redirect(url_for("families-children.details_view", id=number))
            refused = str(attempt.refused)
        return self._page(look=LookForm(formdata=None), desk=form, refused=refused, looked=True), 422

    @staticmethod
    def _here() -> int:
        mine = scope.current().facilities
        if not mine:
            abort(404)  # an office has no counter
        return int(mine[0])

    @staticmethod
    def _desk(look: LookForm) -> DeskForm:
        """What was typed to look for the child is typed once."""
        spoken = scope.current().language
        return DeskForm(
            i18n.names(running().settings.languages), formdata=None,
            data={"name": look.name.data, "born_on": look.born_on.data, "language": spoken},
        )  # fmt: skip

    def _page(self, **facts: Any) -> Any:
        return self.render("families/office/counter.html", typed=request.form, who=g.identity, **facts)


def _told(form: DeskForm) -> Desk:
    return Desk(
        form.name.data or "", form.born_on.data, form.expected_on.data, form.guardian.data or "", form.relation.data,
        form.phone.data or "", form.email.data or "", form.postal.data or "", form.language.data, form.multiple.data,
    )  # fmt: skip
