"""Registering oneself: what one is asked is five fields and six digits; the answer never tells who is known."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_security import login_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField, validators

from core.errors import Refusal
from core.host.running import running
from core.regions import activation
from core.regions.atlas import atlas
from core.security import addresses, codes, passwords, registering
from core.security.access import for_oneself, open_to_all
from core.text import _
from core.web import i18n, ways_in
from core.web.contacts import REQUIRED, SHORT, CodeForm, say
from core.web.errors import not_signed_in
from core.web.login import Person
from core.web.requests import choose_language, language, own_address

bp = Blueprint("register", __name__, template_folder="templates")
ways_in.offer(bp, "register", "register.begin")


class RegisterForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Who, where to reach, the password, and where one lives."""

    name = StringField(_("Full name"), [REQUIRED, SHORT], render_kw={"autocomplete": "name"})
    address = StringField(
        _("E-mail address or telephone number"), [REQUIRED, SHORT],
        render_kw={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
    password = PasswordField(_("Password"), [REQUIRED, SHORT], render_kw={"autocomplete": "new-password"})
    region = SelectField(_("Where you live"), [validators.DataRequired(_("Choose one."))])
    language = SelectField(_("Speak to me in"))


@bp.route("/register", methods=["GET", "POST"])
@open_to_all("one registers before one has a right")
def begin() -> Any:
    """Ask for an account of one's own; the next page is the same whoever asks."""
    if g.identity is not None:
        return redirect(url_for("account.mine"))
    form = _form()
    if form.validate_on_submit():
        try:
            number = registering.begin(
                form.address.data or "", name=form.name.data or "", password=form.password.data or "",
                language=form.language.data,
                region_no=int(form.region.data),
            )  # fmt: skip
        except (addresses.BadAddress, registering.BadName, passwords.WeakPassword) as refused:
            say(_field(form, refused), refused)
        else:
            session["registration"] = number
            session["registration_next"] = own_address(request.args.get("next"))
            choose_language(form.language.data)
            return redirect(url_for("register.confirm"))
    return render_template("account/register.html", form=form), 422 if form.errors else 200


@bp.route("/register/code", methods=["GET", "POST"])
@open_to_all("the six digits show who it is")
def confirm() -> Any:
    """Type the six digits; then the account is there and one is signed in."""
    number, form = session.get("registration"), CodeForm()
    if number is None:
        return redirect(url_for("register.begin"))
    if form.validate_on_submit():
        try:
            made = registering.confirm(number, form.code.data or "")
        except (codes.WrongCode, codes.CodeGone) as refused:
            say(form.code, refused)
        else:
            wanted = session.get("registration_next")  # before the session is made anew
            login_user(Person(made.account_id, made.login, made.uniquifier), authn_via=["register"])
            flash(_("Your account is there, and you are signed in."), "success")
            return redirect(url_for("register.done", next=own_address(wanted)))
    return render_template("account/register_code.html", form=form), 422 if form.errors else 200


@bp.get("/register/done")
@for_oneself("one's own new account")
def done() -> Any:
    """What one has now, and what one can do next."""
    if g.identity is None:
        raise not_signed_in()
    passkey = url_for("factors.mine") if "factors.mine" in current_app.view_functions else None
    wanted = own_address(request.args.get("next"))
    return render_template("account/register_done.html", who=g.identity, passkey=passkey, wanted=wanted)


def _form() -> RegisterForm:
    form = RegisterForm()
    regions = _regions()
    form.region.choices = {"": [("", str(_("Choose one.")))], **regions}
    if not regions:
        raise registering.NotOffered(_("Nobody can register here: ask your district office for an account."))
    form.language.choices = list(i18n.names(running().settings.languages).items())
    if not form.is_submitted():
        form.language.data = language()
    return form


def _regions() -> dict[str, list[tuple[str, str]]]:
    """The districts where one can register, under their city or province."""
    role, map_, mine = registering.own_role(), atlas(), language()
    found: dict[str, list[tuple[str, str]]] = {}
    if role is None:
        return found
    for node in map_.nodes.values():
        if node.level == "district" and activation.is_active(role.module, node.no):
            above = map_.nodes.get(node.parent_no or 0)
            found.setdefault(above.name(mine) if above else "", []).append((str(node.no), node.name(mine)))
    for below in found.values():
        below.sort(key=lambda pair: i18n.sort_key(pair[1]))
    return dict(sorted(found.items(), key=lambda pair: i18n.sort_key(pair[0])))


def _field(form: RegisterForm, refused: Refusal) -> Any:
    if isinstance(refused, addresses.BadAddress):
        return form.address
    return form.name if isinstance(refused, registering.BadName) else form.password
