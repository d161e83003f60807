"""Applications as a centre and its officers see them: the next in line first, admission in order, evidence checked."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import NotFound, SafeView, _, allowed, attempting, db, expose, i18n, require
from modules.enrollment import words
from modules.enrollment.models import Application, Claim, Entry, Vacancy
from modules.enrollment.services import (
    accept,
    admit,
    decline,
    leave,
    notices,
    overriding,
    standing,
    verify,
    withdraw,
)
from modules.enrollment.services.admitting import missing_papers
from modules.enrollment.services.order import places
from modules.families import api as families
from modules.messaging import api as messaging


class ApplicationsView(SafeView):
    """Applications to the centres of the post."""

    of = Application
    slug = "applications"
    title = _("Applications")
    permission = "enrollment.application"
    listed = False
    column_list = ("child_id", "place", "state", "wanted_from", "applied_at", "channel")
    column_labels = {
        "child_id": _("Child"), "place": _("Place in line"), "state": _("State"), "wanted_from": _("From"), "applied_at": _("Applied"),
        "channel": _("How"),
    }  # fmt: skip
    column_numbers = ("place",)
    column_words = {
        "state": lambda: {code: word for code, (_look, word, _next) in words.STATES.items()},
        "channel": lambda: words.CHANNELS,
    }
    column_filters = ("state",)
    column_sortable_list = ("applied_at",)
    order = ("applied_at", False)
    details_template = "enrollment/office/application.html"
    empty_hint = _("Applications appear here when families apply, online or at the counter.")
    column_formatters = {
        "child_id": lambda view, context, row, name: getattr(row, "child_name", row.child_id),
        "place": lambda view, context, row, name: getattr(row, "place", None) or "",
    }

    def get_list(self, *args: Any, **kw: Any) -> Any:
        """The page with names and places, in two further queries."""
        count, rows = super().get_list(*args, **kw)
        children = families.children({row.child_id for row in rows})
        found = places([row.id for row in rows])
        for row in rows:
            row.child_name = children[row.child_id].called if row.child_id in children else "—"
            row.place = found[row.id].place if row.id in found else None
        return count, rows

    @expose("/details/")
    def details_view(self) -> Any:
        """One application with its place, the claims and what may be done."""
        require("enrollment.application.read")
        return self._shown(self.get_one(request.args.get("id", "")))

    def _shown(self, found: Application, refused: str = "") -> Any:
        may_override = found.state == "waiting" and allowed("enrollment.application.override", at=found.facility_id)
        claims = db.session.scalars(
            sa.select(Claim).where(Claim.child_id == found.child_id, Claim.status != "withdrawn").order_by(Claim.id).limit(50)
        ).all()
        return self.render(
            self.details_template, one=found, standing=standing(found), claims=claims, words=words, csrf=generate_csrf(),
            child=families.children([found.child_id]).get(found.child_id), refused=refused, zone=i18n.zone(),
            missing=missing_papers(found) if found.state == "accepted" else [], title_of=families.paper_title,
            may_answer=allowed("enrollment.application.answer", at=found.facility_id),
            may_admit=allowed("enrollment.application.admit", at=found.facility_id),
            told=messaging.for_records([notices.about(found.id)]), messages=messaging.words,
            overrides=overriding.REASONS if may_override else (), vacancies=self._open_for(found) if may_override else [],
            may_verify=allowed("enrollment.claim.verify", at=found.facility_id),
        )  # fmt: skip

    @expose("/<int:number>/admit", methods=("POST",))
    def admit_view(self, number: int) -> Any:
        """Admit a child whose family accepted, with the papers that were shown."""
        return self._act(number, lambda: admit(number, seen=request.form.getlist("seen")), _("The child is admitted."))

    @expose("/<int:number>/answer", methods=("POST",))
    def answer_view(self, number: int) -> Any:
        """What a family said in person or on the telephone: yes or no to an offer, withdrawn, or the child has left."""
        acts = {
            "accept": (accept, _("The place is accepted.")), "decline": (decline, _("Declined. The place goes to the next family.")),
            "withdraw": (withdraw, _("Withdrawn.")), "leave": (leave, _("The child has left. The place is free.")),
        }  # fmt: skip
        chosen = acts.get(request.form.get("act", ""))
        if chosen is None:
            raise NotFound(_("There is no such act here."))
        return self._act(number, lambda: chosen[0](number), chosen[1])

    @staticmethod
    def _open_for(found: Application) -> list[Vacancy]:
        entry = db.session.scalars(sa.select(Entry).where(Entry.application_id == found.id)).one()
        return overriding.open_in(entry.list_name, found.facility_id)

    @expose("/<int:number>/override", methods=("POST",))
    def override_view(self, number: int) -> Any:
        """Ask an officer of another organisation to agree to an offer out of order."""
        vacancy, code = request.form.get("vacancy", 0, type=int), request.form.get("code", "")
        return self._act(
            number, lambda: overriding.ask(vacancy, number, code=code, reason=request.form.get("reason", "")),
            _("Asked. An officer of another organisation has to agree."),
        )  # fmt: skip

    @expose("/<int:number>/claims/<int:claimed>", methods=("POST",))
    def verify_view(self, number: int, claimed: int) -> Any:
        """Say whether the evidence proves a claim."""
        found = self.get_one(str(number))
        proven, note = request.form.get("act") == "proven", request.form.get("note", "")
        return self._act(
            number, lambda: verify(claimed, proven=proven, note=note, facility_id=found.facility_id), _("Saved. The lists are judged anew.")
        )

    def _act(self, number: int, do: Any, done: Any) -> Any:
        with attempting() as attempt:
            do()
        if attempt.refused:
            return self._shown(self.get_one(str(number)), str(attempt.refused)), 422
        flash(done, "success")
        return redirect(self.get_url(".details_view", id=number))
