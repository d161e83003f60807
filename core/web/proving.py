"""Asking again before a weighty act: whoever finds an open session must not take the account over (ASVS V7.5.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, validators

from core.security import second_step
from core.security.access import for_oneself
from core.security.factors import holding, passkeys
from core.security.identity import Identity
from core.security.lockout import SignInRefused
from core.text import _
from core.web import ceremonies
from core.web.entering import AnswerForm
from core.web.errors import not_signed_in
from core.web.requests import READING, own_address, renew_session

bp = Blueprint("proving", __name__, template_folder="templates")

#: A proof is fresh for this long; signing in is one.
FRESH = timedelta(minutes=10)
#: What a session keeps when its key is renewed: who, and in which post.
_KEPT = ("_user_id", "_fresh", "_id", "fs_paa", "post")


class ProofForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The password and, for people with a second step, a code."""

    password = PasswordField(
        _("Password"),
        validators=[validators.DataRequired(_("Please fill this in.")), validators.Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(
        _("Code"),
        validators=[validators.Length(max=60)],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )


def me() -> Identity:
    """The person signed in, or the refusal that leads to signing in."""
    who: Identity | None = g.identity
    if who is None:
        raise not_signed_in()
    return who


def is_fresh(who: Identity, now: datetime | None = None) -> bool:
    """Whether the person has proved who they are within `FRESH`."""
    return who.proved_at is not None and who.proved_at > (now or datetime.now(UTC)) - FRESH


def freshly(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a page for oneself be used only within `FRESH` of a proof; others are asked first and led back."""

    @wraps(view)
    def guarded(**values: Any) -> Any:
        if is_fresh(me()):
            return view(**values)
        back = request.full_path.rstrip("?") if request.method in READING else url_for(f"{request.blueprint}.mine")
        return redirect(url_for("proving.prove", next=back))

    return guarded


def _back() -> str:
    wanted = own_address(request.values.get("next"))
    return url_for("account.mine") if wanted == "/" else wanted


@bp.route("/account/confirm", methods=["GET", "POST"])
@for_oneself("one proves oneself again before changing how one signs in")
def prove() -> Any:
    """Password and second step once more."""
    who, form = me(), ProofForm()
    held = holding.held(who.account_id)
    if form.validate_on_submit():
        try:
            key = second_step.prove_again(who.sign_in_id, who.account_id, who.login, form.password.data or "", form.code.data or "")
        except SignInRefused:
            form.password.errors = [
                *form.password.errors,
                _("This is not your password, or you have to wait up to 15 minutes after several failures."),
            ]
        except second_step.StepRefused as refused:
            form.code.errors = [*form.code.errors, str(refused)]
        else:
            return _proved(key)
    return render_template(
        "account/prove.html", form=form, answer=AnswerForm(), held=held, next=_back(), possible=ceremonies.possible()
    )


@bp.post("/account/confirm/question")
@for_oneself("the challenge for one's own passkey")
def question() -> Any:
    """What the browser asks the person's passkeys."""
    who = me()
    return ceremonies.ask(*passkeys.question(ceremonies.site(), who.account_id), f"prove {who.sign_in_id}")


@bp.post("/account/confirm/passkey")
@for_oneself("the answer of one's own passkey")
def passkey() -> Any:
    """A passkey once more."""
    who = me()
    try:
        challenge = ceremonies.asked(f"prove {who.sign_in_id}")
        key = second_step.prove_again_by_passkey(
            ceremonies.site(), who.sign_in_id, who.account_id, request.form.get("answer", ""), challenge
        )
    except passkeys.PasskeyRefused as refused:
        flash(str(refused), "error")
        return redirect(url_for("proving.prove", next=_back()))
    return _proved(key)


def _proved(key: str) -> Any:
    """Lead back, with the session's new key: a copy of the cookie from before opens nothing more."""
    kept = {name: session[name] for name in _KEPT if name in session}
    wanted = _back()
    renew_session(**kept, sign_in=key)
    session.permanent = True
    return redirect(wanted)
