"""Requests of families about their data: the district sees which is due first and answers each."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import SafeView, _, allowed, attempting, expose, i18n, require, scope
from modules.families import words
from modules.families.models import Request
from modules.families.services import answer, notices
from modules.messaging import api as messaging


class RequestsView(SafeView):
    """What families ask about their data."""

    of = Request
    slug = "requests"
    title = _("Requests about data")
    permission = "families.request"
    listed = False
    column_list = ("id", "kind", "state", "due_on", "made_at")
    column_labels = {
        "id": _("Number"), "kind": _("Asked for"), "state": _("State"), "due_on": _("Answer by"), "made_at": _("Made"),
    }  # fmt: skip
    column_words = {
        "kind": lambda: words.REQUESTS,
        "state": lambda: {code: word for code, (_look, word) in words.REQUEST_STATES.items()},
    }
    column_filters = ("state",)
    column_sortable_list = ("due_on",)
    order = ("due_on", False)
    details_template = "families/office/request.html"
    empty_hint = _("Requests appear here when families ask to correct or erase something.")

    @expose("/details/")
    def details_view(self) -> Any:
        """One request with its answer."""
        require("families.request.read")
        return self._shown(self.get_one(request.args.get("id", "")))

    def _shown(self, found: Request, refused: str = "") -> Any:
        return self.render(
            self.details_template, one=found, told=messaging.for_records([notices.about("request", found.id)]),
            messages=messaging.words, zone=i18n.zone(), words=words, csrf=generate_csrf(), refused=refused, typed=request.form,
            may_answer=allowed("families.request.answer", at=found.region_no), today=scope.current().on_date,
        )  # fmt: skip

    @expose("/<int:number>/answer", methods=("POST",))
    def answer_view(self, number: int) -> Any:
        """Answer it."""
        with attempting() as attempt:
            answer(number, done=request.form.get("act") == "done", text=request.form.get("answer", ""))
        if attempt.refused:
            return self._shown(self.get_one(str(number)), str(attempt.refused)), 422
        flash(_("Answered. The family sees it."), "success")
        return redirect(self.get_url(".index_view"))
