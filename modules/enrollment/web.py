"""Applying, one's applications with place and reasons, and the public list by pseudonym (S2-08, S2-14, S1-214)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectMultipleField, validators

from core.sdk import (
    NotFound,
    _,
    activation,
    ask,
    atlas,
    attempting,
    db,
    extension,
    open_to_all,
    require,
    scope,
)
from modules.enrollment import words
from modules.enrollment.models import Application, Claim, Entry, ListEvent
from modules.enrollment.services import apply, claim, listed, standing, take_back, withdraw
from modules.enrollment.services.ending import application_of
from modules.enrollment.services.policy import NoRule, codes
from modules.facilities import api as facilities
from modules.families import api as families

bp = Blueprint("enrollment", __name__, template_folder="templates")

PUBLIC = "waiting lists are public by pseudonym (S2-14)"
MANY = 50
#: So many signs of a pseudonym are shown; families compare theirs.
SHORT = 8


def _acts(facility_id: int, code: str) -> dict[str, Any] | None:
    if not facilities.takes_children(facility_id) or not _codes(facility_id):
        return None
    return {"label": _("Apply here"), "url": url_for("enrollment.apply_here", code=code), "main": True}


def _list(facility_id: int, code: str) -> dict[str, Any]:
    return {"label": _("Waiting list"), "url": url_for("enrollment.waiting", code=code), "main": False}


extension.fill("enrollment", "facilities.detail", _acts)
extension.fill("enrollment", "facilities.detail", _list)


class ApplyForm(FlaskForm):
    """Which child, from when, and what counts for it; nothing is ticked beforehand."""

    child = RadioField(_("Which child"), choices=[], validators=[validators.InputRequired(_("Choose the child."))])
    wanted_from = DateField(_("From which day"), [validators.InputRequired(_("Choose a day."))])
    claims = SelectMultipleField(_("What applies to your family"), choices=[])


@bp.route("/apply/<code>", methods=("GET", "POST"))
def apply_here(code: str) -> Any:
    """Apply to a centre for one of one's children."""
    require("enrollment.application.create")
    number, name = _centre(code)
    today = scope.current().on_date
    children = families.own_children()
    form, refused = ApplyForm(), ""
    form.child.choices = [(str(one.id), one.name) for one in children]
    form.claims.choices = [(one, str(words.CIRCUMSTANCES.get(one, one))) for one in _codes(number)]
    if form.validate_on_submit():
        assert form.wanted_from.data is not None
        with attempting() as attempt:
            made = apply(int(form.child.data), number, wanted_from=form.wanted_from.data)
            for one in form.claims.data or ():
                claim(int(form.child.data), one, facility_id=number)
        if not attempt.refused:
            flash(_("You have applied. Your place and the reasons stand here."), "success")
            return redirect(url_for("enrollment.application", number=made))
        refused = str(attempt.refused)
    page = render_template(
        "enrollment/apply.html", form=form, refused=refused, name=name, code=code, children=children, today=today.isoformat()
    )
    return page, 422 if form.errors or refused else 200


def _codes(facility_id: int) -> list[str]:
    try:
        return codes(facility_id, scope.current().on_date)
    except NoRule:
        return []


@bp.get("/my/applications")
def mine() -> Any:
    """All applications of one's children, the waiting ones first."""
    require("enrollment.application.create")
    rows = db.session.scalars(
        sa.select(Application).order_by(Application.state != "waiting", Application.id.desc()).limit(MANY)
    ).all()
    entries = {row.id: standing(row) for row in rows if row.state == "waiting"}
    return render_template(
        "enrollment/mine.html", rows=rows, words=words, entries=entries, names=_names({row.facility_id for row in rows}),
        children=families.children({row.child_id for row in rows}),
    )  # fmt: skip


@bp.get("/my/applications/<int:number>")
def application(number: int) -> Any:
    """One application: the place, why, what moved it, and the way out of it."""
    found = application_of(number)
    entry = db.session.scalars(sa.select(Entry).where(Entry.application_id == number)).one()
    claims = db.session.scalars(
        sa.select(Claim).where(Claim.child_id == found.child_id, Claim.status != "withdrawn").order_by(Claim.id).limit(MANY)
    ).all()
    steps = db.session.scalars(
        sa.select(ListEvent)
        .where(ListEvent.facility_id == found.facility_id, ListEvent.at >= found.applied_at)
        .order_by(ListEvent.id.desc())
        .limit(MANY)
    ).all()
    return render_template(
        "enrollment/application.html", one=found, entry=entry, standing=standing(found), claims=claims, steps=steps, words=words,
        short=SHORT, zone=_zone(found.facility_id), name=_names({found.facility_id})[found.facility_id],
        child=families.children([found.child_id]).get(found.child_id), code=facilities.code_of(found.facility_id),
    )  # fmt: skip


@bp.post("/my/applications/<int:number>/withdraw")
def take_out(number: int) -> Any:
    """Withdraw, as easily as one applied."""
    with attempting() as attempt:
        withdraw(number)
    flash(str(attempt.refused) if attempt.refused else _("Withdrawn. You can apply again at any time."),
          "error" if attempt.refused else "success")  # fmt: skip
    return redirect(url_for("enrollment.mine"))


@bp.post("/my/applications/<int:number>/claims/<int:claimed>/take-back")
def unclaim(number: int, claimed: int) -> Any:
    """No longer claim a circumstance."""
    take_back(claimed)
    flash(_("Taken back. Your place is worked out anew."), "success")
    return redirect(url_for("enrollment.application", number=number))


@bp.get("/waiting/<code>")
@open_to_all(PUBLIC)
def waiting(code: str) -> Any:
    """The lists of a centre by class, and their last steps: what everybody may check."""
    number, name = _centre(code)
    require("enrollment.entry.read")
    ages = db.session.execute(
        sa.select(Entry.class_age, sa.func.count())
        .where(Entry.facility_id == number, Entry.state == "waiting")
        .group_by(Entry.class_age)
        .order_by(Entry.class_age)
    ).all()
    chosen = request.args.get("age", type=int, default=ages[0][0] if ages else 0)
    steps = db.session.scalars(
        sa.select(ListEvent).where(ListEvent.facility_id == number).order_by(ListEvent.id.desc()).limit(MANY)
    ).all()
    return render_template(
        "enrollment/waiting.html", name=name, code=code, ages=ages, chosen=chosen, rows=listed(number, chosen), steps=steps,
        words=words, short=SHORT, zone=_zone(number),
    )  # fmt: skip


def _zone(facility_id: int) -> str:
    region = atlas().region_of(facility_id)
    return region.timezone if region else "UTC"


def _centre(code: str) -> tuple[int, str]:
    """Number and name of a centre where the module is on."""
    with scope.public(scope.current().language):
        numbers = [one for one in ask("facility_number", reference=code) if one is not None]
        names = _names(set(numbers))
    if not numbers or not activation.is_active("enrollment", numbers[0]):
        raise NotFound(_("There is no centre with this code. Search for it by name."))
    return numbers[0], names[numbers[0]]


def _names(numbers: set[int]) -> dict[int, str]:
    with scope.public(scope.current().language):
        answers = ask("facility_names", numbers=sorted(numbers)) if numbers else []
    return {number: next((names[number] for names in answers if number in names), str(number)) for number in numbers}
