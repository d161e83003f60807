"""Applying in four short steps, each kept as soon as it is filled in, on whatever device (F-51, S1-122…S1-125)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, validators

from core.sdk import _, attempting, db, i18n, require, scope
from modules.enrollment import words
from modules.enrollment.services import drafting, papers
from modules.enrollment.services.policy import claimable
from modules.enrollment.web.blueprint import bp, centre_of
from modules.families import api as families


class ChildForm(FlaskForm):
    """Step 1: which child, from when; nothing is chosen beforehand."""

    version = HiddenField()
    child = RadioField(_("Which child"), choices=[], validators=[validators.InputRequired(_("Choose the child."))])
    wanted_from = DateField(_("From which day"), [validators.InputRequired(_("Choose a day."))])


class ClaimsForm(FlaskForm):
    """Step 2: what counts for the family."""

    version = HiddenField()
    claims = SelectMultipleField(_("What applies to your family"), choices=[])


class PlainForm(FlaskForm):
    """Steps 3 and 4: consents by their own names, then sending."""

    version = HiddenField()


@bp.route("/apply/<code>", methods=("GET", "POST"))
def apply_here(code: str) -> Any:
    """One step of an application; without a step the one that comes next."""
    require("enrollment.application.create")
    number, name = centre_of(code)
    draft = drafting.draft_of(number)
    step = request.values.get("step", draft.step if draft else 1, type=int)
    if draft is None or draft.child_id is None or draft.wanted_from is None:
        step = step if step == drafting.STEPS and request.method == "POST" else 1
    step = max(1, min(step, drafting.STEPS))
    form = _form(step, number, draft)
    if form.validate_on_submit():
        return _done(step, number, name, code, form)
    return _page(step, number, name, code, form, draft)


def _form(step: int, number: int, draft: Any, *, fresh: bool = False) -> FlaskForm:
    """The form of a step with what was saved; `fresh` leaves aside what this request brought."""
    version = draft.version if draft else 0
    sent: dict[str, Any] = {"formdata": None} if fresh else {}
    if step == 1:
        first = ChildForm(**sent, data={
            "version": version, "child": str(draft.child_id or "") if draft else None, "wanted_from": draft and draft.wanted_from,
        })  # fmt: skip
        first.child.choices = [(str(one.id), one.called) for one in families.own_children()]
        return first
    if step == 2:
        second = ClaimsForm(**sent, data={"version": version, "claims": draft.claims})
        second.claims.choices = [
            (one, str(words.CIRCUMSTANCES.get(one, one))) for one in claimable(number, scope.current().on_date)
        ]
        return second
    return PlainForm(**sent, data={"version": version})


def _done(step: int, number: int, name: str, code: str, form: Any) -> Any:
    made = 0
    with attempting() as attempt:
        if step < drafting.STEPS:
            _keep(step, number, form, next_step=step + 1)
        else:
            made = drafting.send(number)
    if attempt.refused:
        draft = drafting.draft_of(number)
        if attempt.refused.http == drafting.StaleDraft.http:  # show what was saved last, not what this window remembers
            step = draft.step if draft else 1
            form = _form(step, number, draft, fresh=True)
        return _page(step, number, name, code, form, draft, str(attempt.refused), attempt.refused.http)
    if made:
        flash(_("You have applied. Your place and the reasons stand here."), "success")
        return redirect(url_for("enrollment.application", number=made))
    return redirect(url_for("enrollment.apply_here", code=code, step=step + 1))


def _keep(step: int, number: int, form: Any, next_step: int | None) -> Any:
    version = int(form.version.data) if str(form.version.data).isdecimal() else 0
    if step == 1:
        child = int(form.child.data) if form.child.data else None
        return drafting.save(number, version=version, child_id=child, wanted_from=form.wanted_from.data, step=next_step)
    if step == 2:
        return drafting.save(number, version=version, claims=form.claims.data or [], step=next_step)
    kept = drafting.save(number, version=version, step=next_step)
    for purpose in request.form.getlist("consents"):
        families.consent_to(int(kept.child_id or 0), purpose)
    return kept


@bp.post("/apply/<code>/keep")
def keep_step(code: str) -> Any:
    """Keep what is filled in so far, without going on: asked by the page after each change."""
    require("enrollment.draft.save")
    number, _name = centre_of(code)
    step = request.form.get("step", 1, type=int)
    form = _form(step, number, drafting.draft_of(number))
    form.validate()
    with attempting() as attempt:
        kept = _keep(step, number, form, next_step=None) if step in {1, 2} else None
        version, at = (kept.version, kept.saved_at) if kept else (0, None)
    if attempt.refused:
        return render_template("enrollment/kept.html", refused=str(attempt.refused), version=form.version.data), attempt.refused.http
    return render_template("enrollment/kept.html", refused="", version=version, at=at, zone=i18n.zone())


@bp.post("/apply/<code>/drop")
def drop_draft(code: str) -> Any:
    """Throw away what was filled in."""
    number, _name = centre_of(code)
    drafting.drop(number)
    db.session.commit()
    flash(_("Thrown away. Nothing was sent."), "success")
    return redirect(url_for("enrollment.mine"))


def _page(step: int, number: int, name: str, code: str, form: Any, draft: Any, refused: str = "", status: int = 0) -> Any:
    children = {one.id: one for one in families.own_children()}
    child = children.get(draft.child_id) if draft and draft.child_id else None
    asked: list[families.Asked] = []
    handed: dict[str, str] = {}
    if child is not None:
        asked, handed = families.asked_consents(child.id, number), families.papers(child.id)
    page = render_template(
        "enrollment/apply.html", step=step, steps=drafting.STEPS, form=form, refused=refused, name=name, code=code,
        children=children, child=child, draft=draft, today=scope.current().on_date.isoformat(), words=words,
        needed=papers.needed(number), titles_of=_titles, title_of=families.paper_title, handed=handed, asked=asked,
    )  # fmt: skip
    return page, status or (422 if form.errors else 200)


def _titles(kinds: Iterable[str]) -> list[str]:
    return [families.paper_title(kind) for kind in kinds]
