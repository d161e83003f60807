"""One's own contacts: add, confirm by a code, remove; each after a fresh proof, for whoever finds an open screen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import Field, StringField, validators

from core.errors import NotFound, Refusal
from core.security import codes, contacts
from core.security.access import for_oneself
from core.security.identity import Identity
from core.text import _
from core.web.proving import freshly, me

bp = Blueprint("contacts", __name__, template_folder="templates")

REQUIRED = validators.DataRequired(_("Please fill this in."))
SHORT = validators.Length(max=200, message=_("This is too long."))
CODE = {"inputmode": "numeric", "autocomplete": "one-time-code"}


class AddForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """An address."""

    address = StringField(_("E-mail address or telephone number"), [REQUIRED, SHORT], render_kw={"autocapitalize": "none"})


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The six digits."""

    code = StringField(_("Six digits"), [REQUIRED, SHORT], render_kw=CODE)


@bp.get("/account/contacts")
@for_oneself("one's own contacts")
def mine() -> Any:
    """My contacts."""
    return render_template("account/contacts.html", contacts=contacts.of(me().account_id))


@bp.route("/account/contacts/new", methods=["GET", "POST"])
@for_oneself("one's own contacts")
@freshly
def add() -> Any:
    """Another contact."""
    form = AddForm()
    if form.validate_on_submit():
        try:
            number = contacts.add(me().account_id, form.address.data or "")
        except Refusal as refused:
            say(form.address, refused)
        else:
            return redirect(url_for("contacts.confirm", number=number))
    return render_template("account/contact_add.html", form=form), 422 if form.errors else 200


@bp.route("/account/contacts/<int:number>", methods=["GET", "POST"])
@for_oneself("one's own contact, after its code")
def confirm(number: int) -> Any:
    """Type the code that was sent."""
    who, form = me(), CodeForm()
    one = _mine(who, number)
    if one.verified_at is not None:
        return redirect(url_for("contacts.mine"))
    if form.validate_on_submit():
        try:
            contacts.confirm(who.account_id, number, form.code.data or "")
        except (codes.WrongCode, codes.CodeGone) as refused:
            say(form.code, refused)
        else:
            flash(_("The contact is confirmed."), "success")
            return redirect(url_for("contacts.mine"))
    return render_template("account/contact_confirm.html", form=form, contact=one), 422 if form.errors else 200


@bp.route("/account/contacts/<int:number>/remove", methods=["GET", "POST"])
@for_oneself("one's own contact")
@freshly
def remove(number: int) -> Any:
    """Take a contact away."""
    one, form, refused = _mine(me(), number), FlaskForm(), ""
    if form.validate_on_submit():
        try:
            contacts.remove(me().account_id, number)
        except contacts.LastContact as last:
            refused = str(last)
        else:
            flash(_("The contact is removed."), "success")
            return redirect(url_for("contacts.mine"))
    return render_template("account/contact_remove.html", form=form, contact=one, refused=refused), 422 if refused else 200


def say(field: Field, refused: Refusal) -> None:
    """Say a refusal beside its field."""
    field.errors = [*field.errors, str(refused)]


def _mine(who: Identity, number: int) -> contacts.Contact:
    found = next((one for one in contacts.of(who.account_id) if one.id == number), None)
    if found is None:
        raise NotFound(_("There is no such contact: it may have been removed. Look at your contacts again."))
    return found
