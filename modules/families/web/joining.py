"""The other guardian: entered by the one, joined by a link with an account of their own (F-55)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from core.sdk import _, attempting, require
from modules.families.forms import GuardianForm
from modules.families.models import Family
from modules.families.services import add_guardian, invite, join, take_over
from modules.families.services.dissolving import TwoFamilies
from modules.families.services.guarding import guardian_of
from modules.families.services.inviting import LASTS, invited
from modules.families.web.blueprint import bp
from modules.families.web.family import our_family


@bp.route("/my/family/guardians/new", methods=("GET", "POST"))
def new_guardian() -> Any:
    """Enter another guardian of the family."""
    require("families.guardian.create")
    ours: Family = our_family()
    form, refused = GuardianForm(), ""
    if form.validate_on_submit():
        with attempting() as attempt:
            made = add_guardian(
                ours.id, name=form.name.data or "", relation_to_child=form.relation.data, phone=form.phone.data or "",
                email=form.email.data or "",
            )  # fmt: skip
            number = made.id
        if not attempt.refused:
            flash(_("Entered. Make a link now, so that this guardian sees and decides with an account of their own."), "success")
            return redirect(url_for("families.guardian", number=number))
        refused = str(attempt.refused)
    page = render_template("families/new_guardian.html", form=form, refused=refused)
    return page, 422 if form.errors or refused else 200


@bp.post("/my/family/guardians/<int:number>/invite")
def invite_guardian(number: int) -> Any:
    """Make the link, shown this once."""
    with attempting() as attempt:
        token = invite(number)
    if attempt.refused:
        flash(str(attempt.refused), "error")
        return redirect(url_for("families.guardian", number=number))
    link = url_for("families.join_family", token=token, _external=True)
    return render_template("families/invited.html", guardian=guardian_of(number), link=link, days=LASTS.days)


@bp.get("/my/family/join/<token>")
def join_family(token: str) -> Any:
    """Whom the link is for, before one joins."""
    require("families.family.found")
    with attempting() as attempt:
        name = invited(token)
    if attempt.refused:
        return render_template("families/join.html", refused=str(attempt.refused), name=""), 404
    return render_template("families/join.html", refused="", name=name, token=token)


@bp.post("/my/family/join/<token>/yes")
def joined(token: str) -> Any:
    """Join the family."""
    with attempting() as attempt:
        join(token)
    if attempt.refused:
        return render_template("families/join.html", refused=str(attempt.refused), name=""), 422
    flash(_("You act for the family now. You see its children and applications here."), "success")
    return redirect(url_for("families.family"))


@bp.post("/my/family/registered/<int:number>/mine")
def registered(number: int) -> Any:
    """Act for the family a counter entered, as the guardian whose contact one confirmed."""
    try:
        take_over(number)
        flash(_("You act for the family now. You see its children and applications here."), "success")
    except TwoFamilies as refused:
        flash(str(refused), "error")
    return redirect(url_for("families.family"))
