"""The ways in besides the password's page: its second step, and a passkey alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, validators

from core.errors import Refusal
from core.security import second_step
from core.security.access import open_to_all
from core.security.factors import holding, passkeys
from core.security.lockout import Admitted, SignInRefused
from core.text import _
from core.web import ceremonies
from core.web.login import let_in
from core.web.requests import own_address

bp = Blueprint("entering", __name__, template_folder="templates")

_REQUIRED = validators.DataRequired(_("Please fill this in."))
_SHORT = validators.Length(max=60, message=_("This is too long."))
PENDING = "pending"


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A code of the app, or a recovery code."""

    code = StringField(
        _("Code"),
        validators=[_REQUIRED, _SHORT],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The answer of a passkey, which the page's script writes."""

    answer = HiddenField(validators=[validators.DataRequired(), validators.Length(max=20_000)])


def _awaited() -> tuple[Admitted, str]:
    """Who has given the right password, and where they wanted to go. Raises `StepGone`."""
    kept = session.get(PENDING) or {}
    return second_step.waiting(int(kept.get("attempt", 0)), str(kept.get("mark", ""))), str(kept.get("next", ""))


def _gone(refused: Refusal) -> Any:
    session.pop(PENDING, None)
    flash(str(refused), "error")
    return redirect(url_for("security.login"))


@bp.route("/login/second", methods=["GET", "POST"])
@open_to_all("who has given the right password passes the second step before a session begins")
def step() -> Any:
    """The second step: a code of the app, a recovery code, or a passkey."""
    try:
        who, wanted = _awaited()
    except second_step.StepGone as gone:
        return _gone(gone)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            second = second_step.by_code(who.account_id, form.code.data or "")
        except second_step.StepRefused as refused:
            form.code.errors = [*form.code.errors, str(refused)]
        except SignInRefused as refused:
            return _gone(refused)
        else:
            return _in(who, second, wanted)
    held = holding.held(who.account_id)
    return render_template(
        "account/second_step.html", form=form, answer=AnswerForm(), who=who, held=held, possible=ceremonies.possible()
    )


@bp.post("/login/second/question")
@open_to_all("the challenge for one's own passkey, after the right password")
def step_question() -> Any:
    """What the browser asks the person's passkeys."""
    who, _wanted = _awaited()
    return ceremonies.ask(*passkeys.question(ceremonies.site(), who.account_id), f"step {who.attempt_id}")


@bp.post("/login/second/passkey")
@open_to_all("the answer of one's own passkey, after the right password")
def step_passkey() -> Any:
    """The second step by a passkey."""
    try:
        who, wanted = _awaited()
    except second_step.StepGone as gone:
        return _gone(gone)
    try:
        challenge = ceremonies.asked(f"step {who.attempt_id}")
        second_step.by_passkey(ceremonies.site(), request.form.get("answer", ""), challenge, who.account_id)
    except passkeys.PasskeyRefused as refused:
        flash(str(refused), "error")
        return redirect(url_for("entering.step"))
    return _in(who, "passkey", wanted)


@bp.post("/login/passkey/question")
@open_to_all("whoever signs in with a passkey has no session yet")
def question() -> Any:
    """What the browser asks any passkey it keeps for this site."""
    return ceremonies.ask(*passkeys.question(ceremonies.site()), "enter")


@bp.post("/login/passkey")
@open_to_all("whoever signs in with a passkey has no session yet")
def passkey() -> Any:
    """Sign in with a passkey alone: what one has, and the fingerprint, face or PIN that unlocks it."""
    try:
        who = second_step.by_passkey(ceremonies.site(), request.form.get("answer", ""), ceremonies.asked("enter"))
    except passkeys.PasskeyRefused as refused:
        flash(str(refused), "error")
        return redirect(url_for("security.login"))
    return _in(who, "passkey", request.form.get("next", ""))


def _in(who: Admitted, second: str, wanted: str) -> Any:
    session.pop(PENDING, None)
    let_in(who, second)
    wanted = own_address(wanted)
    return redirect(url_for("account.start") if wanted == "/" else wanted)
