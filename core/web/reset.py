"""Help for who cannot get in, from the page to sign in: asking for a link, and unlocking by it (S1-220…S1-224)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, validators

from core.host.running import running
from core.jobs import recovering
from core.security import links
from core.security.access import open_to_all
from core.text import _
from core.web import ways_in
from core.web.contacts import REQUIRED, SHORT
from core.web.requests import choose_language

bp = Blueprint("reset", __name__, template_folder="templates")
ways_in.offer(bp, "reset", "reset.ask")


class AskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What is wanted, and whom it is about."""

    purpose = RadioField(_("What happened?"), [validators.DataRequired(_("Choose one."))], default="reset", choices=[])
    login = StringField(
        _("Account ID"), [REQUIRED, SHORT],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
    proof = StringField(
        _("Facility's telephone number, or your own contact"), [REQUIRED, SHORT], render_kw={"autocomplete": "off", "autocapitalize": "none"}
    )


class UnlockForm(FlaskForm):  # type: ignore[misc]
    """Nothing but a button: a link in a message is also opened by machines that look at it."""


@bp.route("/reset", methods=["GET", "POST"])
@open_to_all("who cannot sign in has no right yet; the answer is the same for everybody")
def ask() -> Any:
    """Ask for a link to choose a new password, or to unlock."""
    form = AskForm()
    form.purpose.choices = [("reset", _("I forgot my password")), ("unlock", _("My account is locked"))]
    if form.validate_on_submit():
        recovering.ask(form.login.data or "", form.proof.data or "", form.purpose.data)
        return redirect(url_for("reset.sent"))
    return render_template("account/reset.html", form=form), 422 if form.errors else 200


@bp.get("/reset/sent")
@open_to_all("it says the same to everybody")
def sent() -> Any:
    """What happens now, whoever asked for whatever."""
    return render_template("account/reset_sent.html")


@bp.route("/unlock/<token>", methods=["GET", "POST"])
@open_to_all("whoever was sent the single-use link unlocks their account")
def unlock(token: str) -> Any:
    """End the waiting time after failures."""
    who, form = links.look(token, ("unlock",)), UnlockForm()
    if "language" not in session and who.language in running().settings.languages:
        choose_language(who.language)
    if form.validate_on_submit():
        links.unlock(token)
        flash(_("Your account is unlocked. Please sign in."), "success")
        return redirect(url_for("security.login"))
    return render_template("account/unlock.html", form=form, who=who)
