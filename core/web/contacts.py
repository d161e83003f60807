"""One's own contacts: add, confirm by a code, remove; each with the present password, for whoever finds an open screen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField, validators

from core.errors import NotFound, Refusal
from core.security import codes, contacts, passwords
from core.security.access import for_oneself
from core.security.identity import Identity
from core.text import _
from core.web.errors import not_signed_in

bp = Blueprint("contacts", __name__, template_folder="templates")

REQUIRED = validators.DataRequired(_("Please fill this in."))
SHORT = validators.Length(max=200, message=_("This is too long."))
CODE = {"inputmode": "numeric", "autocomplete": "one-time-code"}


class AddForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """An address, and the password again."""

    address = StringField(_("E-mail address or telephone number"), [REQUIRED, SHORT], render_kw={"autocapitalize": "none"})
    password = PasswordField(_("Present password"), [REQUIRED, SHORT], render_kw={"autocomplete": "current-password"})


class RemoveForm(FlaskForm):  # type: ignore[misc]
    """The password again."""

    password = PasswordField(_("Present password"), [REQUIRED, SHORT], render_kw={"autocomplete": "current-password"})


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The six digits."""

    code = StringField(_("Six digits"), [REQUIRED, SHORT], render_kw=CODE)


@bp.route("/account/contacts", methods=["GET", "POST"])
@for_oneself("one's own contacts")
def mine() -> Any:
    """My contacts, and the form for another one."""
    who, form = _me(), AddForm()
    if form.validate_on_submit() and password_right(form.password, who):
        try:
            number = contacts.add(who.account_id, form.address.data or "")
        except Refusal as refused:
            say(form.address, refused)
        else:
            return redirect(url_for("contacts.confirm", number=number))
    page = render_template("account/contacts.html", form=form, contacts=contacts.of(who.account_id))
    return page, 422 if form.errors else 200


@bp.route("/account/contacts/<int:number>", methods=["GET", "POST"])
@for_oneself("one's own contact, after its code")
def confirm(number: int) -> Any:
    """Type the code that was sent."""
    who, form = _me(), CodeForm()
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
def remove(number: int) -> Any:
    """Take a contact away."""
    who, form = _me(), RemoveForm()
    one = _mine(who, number)
    if form.validate_on_submit() and password_right(form.password, who):
        try:
            contacts.remove(who.account_id, number)
        except contacts.LastContact as refused:
            say(form.password, refused)
        else:
            flash(_("The contact is removed."), "success")
            return redirect(url_for("contacts.mine"))
    return render_template("account/contact_remove.html", form=form, contact=one), 422 if form.errors else 200


def password_right(field: Field, who: Identity) -> bool:
    """Whether this is the person's password; says it beside the field if not."""
    right = passwords.matches(field.data or "", passwords.of(who.account_id))
    if not right:
        field.errors = [*field.errors, _("This is not your present password.")]
    return right


def say(field: Field, refused: Refusal) -> None:
    """Say a refusal beside its field."""
    field.errors = [*field.errors, str(refused)]


def _mine(who: Identity, number: int) -> contacts.Contact:
    found = next((one for one in contacts.of(who.account_id) if one.id == number), None)
    if found is None:
        raise NotFound(_("There is no such contact: it may have been removed. Look at your contacts again."))
    return found


def _me() -> Identity:
    who: Identity | None = g.identity
    if who is None:
        raise not_signed_in()
    return who
