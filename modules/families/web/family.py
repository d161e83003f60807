"""Its children, who acts for them, who collects them, what was consented to, and who sees it (S2-26)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for

from core.sdk import NotFound, _, attempting, db, require, scope
from modules.facilities import api as facilities
from modules.families import words
from modules.families.forms import BirthForm, ChildForm, CollectorForm, GuardianForm
from modules.families.models import Child, Family
from modules.families.services import (
    add_child,
    born,
    consent,
    correct_child,
    correct_guardian,
    found,
    let_collect,
    mine,
    no_longer_collects,
    withdraw_consent,
)
from modules.families.services.children import child_of
from modules.families.services.collecting import collectors
from modules.families.services.consenting import own, purposes, standing
from modules.families.services.guarding import guardian_of
from modules.families.services.inviting import has_account
from modules.families.services.papers import copies_kept, kinds, papers_of
from modules.families.services.sharing import seen_by
from modules.families.services.taking_over import offers
from modules.families.web.blueprint import bp


@bp.route("/my/family", methods=("GET", "POST"))
def family() -> Any:
    """The family of the person signed in, or the form to begin one."""
    require("families.family.read")
    ours = mine()
    if ours is None:
        return _begin()
    return render_template(
        "families/family.html", family=ours, words=words, seen=_seen(ours), today=scope.current().on_date, **counter_offers()
    )


def _begin() -> Any:
    form = GuardianForm()
    refused = ""
    if form.validate_on_submit():
        with attempting() as attempt:
            found(
                name=form.name.data or "", relation_to_child=form.relation.data, phone=form.phone.data or "",
                email=form.email.data or "",
            )  # fmt: skip
        if not attempt.refused:
            flash(_("Your family is here. Enter your child next."), "success")
            return redirect(url_for("families.new_child"))
        refused = str(attempt.refused)
    page = render_template("families/begin.html", form=form, refused=refused, **counter_offers())
    return page, 422 if form.errors or refused else 200


def counter_offers() -> dict[str, Any]:
    """What the page of a family says about families a counter entered."""
    found = offers()
    centres = facilities.names(one.facility_id for one in found.offers if one.facility_id is not None)
    return {"found": found, "centres": centres}


@bp.route("/my/family/children/new", methods=("GET", "POST"))
def new_child() -> Any:
    """Enter a child, also an unborn one."""
    require("families.child.create")
    ours = our_family()
    form, refused = ChildForm(), ""
    if form.validate_on_submit():
        with attempting() as attempt:
            child = add_child(ours, **_facts(form))
            number = child.id
        if not attempt.refused:
            flash(_("The child is entered."), "success")
            return redirect(url_for("families.child", number=number))
        refused = str(attempt.refused)
    return render_template("families/new_child.html", form=form, refused=refused), 422 if form.errors or refused else 200


@bp.get("/my/family/children/<int:number>")
def child(number: int) -> Any:
    """One child with everything the family decides about it."""
    return child_page(child_of(number))


def child_page(one: Child, wrong: str = "", refused: str = "", form: Any = None) -> Any:
    """A child's page; after a refusal of its part `wrong` with what was said and typed."""
    forms: dict[str, Any] = {
        "correct": ChildForm(None, obj=one), "born": BirthForm(None), "collector": CollectorForm(None),
    }  # fmt: skip
    if form is not None:
        forms[wrong] = form
    seeing = facilities.names(row.facility_id for row in seen_by(one.family_id) if row.child_id == one.id)
    page = render_template(
        "families/child.html", child=one, words=words, forms=forms, wrong=wrong, refused=refused,
        asked=purposes(one.region_no), given=standing(one.id), people=collectors(one.id), seen=list(seeing.values()),
        papers=papers_of(one.id), kinds=kinds(one.region_no), copies=copies_kept(one.region_no),
    )  # fmt: skip
    return (page, 422) if wrong else page


@bp.post("/my/family/children/<int:number>/correct")
def correct(number: int) -> Any:
    """Correct a name or birthday."""
    one = child_of(number)
    return _act(one, "correct", ChildForm(), lambda f: correct_child(
        one, name=f.name.data or "", born_on=f.born_on.data, multiple=f.multiple.data))  # fmt: skip


@bp.post("/my/family/children/<int:number>/born")
def birth(number: int) -> Any:
    """Tell the birth of an expected child."""
    one = child_of(number)
    return _act(one, "born", BirthForm(), lambda f: born(one, name=f.name.data, born_on=f.born_on.data))


@bp.post("/my/family/children/<int:number>/collectors")
def collector(number: int) -> Any:
    """Let somebody collect the child."""
    one = child_of(number)
    return _act(one, "collector", CollectorForm(), lambda f: let_collect(
        one, name=f.name.data, phone=f.phone.data, relation=f.relation.data or ""))  # fmt: skip


def _act(one: Child, part: str, form: Any, do: Callable[[Any], Any]) -> Any:
    """What the forms of a child's page have in common: what was typed stays when it is refused."""
    number = one.id
    if not form.validate_on_submit():
        return child_page(one, part, form=form)
    with attempting() as attempt:
        do(form)
    if attempt.refused:
        return child_page(child_of(number), part, str(attempt.refused), form)
    flash(_("Saved."), "success")
    return redirect(url_for("families.child", number=number))


@bp.post("/my/family/collectors/<int:number>/end")
def end_collector(number: int) -> Any:
    """Nobody collects the child by this entry any more."""
    child_id = no_longer_collects(number)
    db.session.commit()
    flash(_("Ended. The centre no longer hands the child to this person."), "success")
    return redirect(url_for("families.child", number=child_id, _anchor="collectors"))


@bp.post("/my/family/children/<int:number>/consents/<purpose>")
def give(number: int, purpose: str) -> Any:
    """Consent to one thing for one child."""
    consent(child_of(number), purpose)
    db.session.commit()
    flash(_("Your consent is kept with today's date. You can withdraw it any day."), "success")
    return redirect(url_for("families.child", number=number, _anchor="consents"))


@bp.post("/my/family/consents/<int:number>/withdraw")
def withdraw(number: int) -> Any:
    """Take one consent back."""
    found_one = own(number)
    child_id = found_one.child_id
    withdraw_consent(found_one)
    db.session.commit()
    flash(_("Your consent is withdrawn."), "success")
    return redirect(url_for("families.child", number=child_id, _anchor="consents"))


@bp.route("/my/family/guardians/<int:number>", methods=("GET", "POST"))
def guardian(number: int) -> Any:
    """Correct a guardian's name and contacts."""
    one = guardian_of(number)
    form, refused = GuardianForm(obj=one), ""
    if form.validate_on_submit():
        with attempting() as attempt:
            correct_guardian(
                one, name=form.name.data or "", relation_to_child=form.relation.data, phone=form.phone.data or "",
                email=form.email.data or "", postal=form.postal.data or "", language=one.language,
            )  # fmt: skip
        if not attempt.refused:
            flash(_("Saved. Notices go there from now on."), "success")
            return redirect(url_for("families.family"))
        refused = str(attempt.refused)
    return render_template(
        "families/guardian.html", form=form, guardian=one, refused=refused,
        may_invite=one.barred_on is None and not has_account(one.id),
    ), 422 if form.errors or refused else 200  # fmt: skip


def our_family() -> Family:
    """The family of the person signed in, or `NotFound` with the way to begin one."""
    ours = mine()
    if ours is None:
        raise NotFound(_("Begin with yourself: open “My family” first."))
    return ours


def _facts(form: ChildForm) -> dict[str, Any]:
    return {
        "name": form.name.data or "", "born_on": form.born_on.data, "expected_on": form.expected_on.data,
        "multiple": form.multiple.data,
    }  # fmt: skip


def _seen(ours: Family) -> dict[int, list[str]]:
    """Child → the centres that see it, with why."""
    rows = seen_by(ours.id)
    names = facilities.names(row.facility_id for row in rows)
    found_ones: dict[int, list[str]] = {}
    for row in rows:
        why = words.PURPOSES.get(row.purpose, row.purpose)
        found_ones.setdefault(row.child_id, []).append(f"{names[row.facility_id]} ({why})")
    return found_ones
