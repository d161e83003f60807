"""One's own second steps: set up an app, add passkeys, print recovery codes, remove what one no longer has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, validators

from core.errors import Refusal
from core.regions import second_steps
from core.security.access import for_oneself
from core.security.factors import apps, holding, passkeys
from core.text import _
from core.web import ceremonies
from core.web.documents import draw_qr
from core.web.proving import freshly, me
from core.web.requests import READING

bp = Blueprint("factors", __name__, template_folder="templates")

_REQUIRED = validators.DataRequired(_("Please fill this in."))
#: Where somebody may go whose role needs a second step and who has none yet: to set it up, and away.
OPEN = (
    "factors.", "proving.", "sessions.", "account.mine", "account.language", "security.", "account.activate",
    "theme.", "static",
)  # fmt: skip


class AppForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The first code of a new app."""

    code = StringField(
        _("Code of the app"),
        validators=[_REQUIRED, validators.Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """A name for the passkey, and the device's answer, which the page's script writes."""

    name = StringField(
        _("Name"), validators=[validators.Length(max=60)], render_kw={"autocomplete": "off", "maxlength": "60"}
    )
    answer = HiddenField(validators=[validators.Length(max=20_000)])


@bp.get("/account/factors")
@for_oneself("one's own second steps")
def mine() -> Any:
    """What I hold, what is missing, what my role needs."""
    who = me()
    held, duty = holding.held(who.account_id), second_steps.duty(who.account_id)
    return render_template(
        "account/factors.html", who=who, held=held, duty=duty, form=PasskeyForm(), possible=ceremonies.possible(),
        late=who.lacks_second_step(datetime.now(UTC).date()),
    )  # fmt: skip


@bp.route("/account/factors/app", methods=["GET", "POST"])
@for_oneself("one's own second steps")
@freshly
def app() -> Any:
    """Set up an authenticator app: picture, then its first code."""
    who, form = me(), AppForm()
    if form.validate_on_submit():
        try:
            holding.add_app(who.account_id, form.code.data or "", who.sign_in_id)
        except Refusal as refused:
            form.code.errors = [*form.code.errors, str(refused)]
        else:
            flash(_("The app is set up. From now on signing in asks for its code; every other session was ended."), "success")
            return redirect(url_for("factors.mine"))
    begun = apps.begin(who.account_id, who.login)
    return _uncached(render_template("account/factor_app.html", form=form, begun=begun, qr=draw_qr(begun.uri, _("QR code for the app"))))


@bp.post("/account/factors/app/remove")
@for_oneself("one's own second steps")
@freshly
def remove_app() -> Any:
    """Remove the app."""
    who = me()
    return _done(
        lambda: holding.remove_app(who.account_id, who.sign_in_id, needed=_needed(who.account_id)),
        _("The app is removed, and every other session was ended."),
    )


@bp.post("/account/factors/passkeys/question")
@for_oneself("one's own second steps")
@freshly
def question() -> Any:
    """What the browser needs to make a passkey."""
    who = me()
    asked = passkeys.enrollment(ceremonies.site(), who.account_id, who.login, who.name)
    return ceremonies.ask(*asked, f"enroll {who.sign_in_id}")


@bp.post("/account/factors/passkeys")
@for_oneself("one's own second steps")
@freshly
def add_passkey() -> Any:
    """Keep the passkey a device made."""
    who = me()

    def add() -> None:
        challenge = ceremonies.asked(f"enroll {who.sign_in_id}")
        holding.add_passkey(
            ceremonies.site(), who.account_id, request.form.get("answer", ""), challenge, request.form.get("name", ""),
            who.sign_in_id,
        )  # fmt: skip

    return _done(add, _("The passkey is kept. You can sign in with it alone; every other session was ended."))


@bp.post("/account/factors/passkeys/<int:number>/remove")
@for_oneself("one's own second steps")
@freshly
def remove_passkey(number: int) -> Any:
    """Remove a passkey."""
    who = me()
    return _done(
        lambda: holding.remove_passkey(who.account_id, number, who.sign_in_id, needed=_needed(who.account_id)),
        _("The passkey is removed, and every other session was ended."),
    )


@bp.post("/account/factors/codes")
@for_oneself("one's own second steps")
@freshly
def codes() -> Any:
    """Ten new recovery codes, shown this once."""
    who = me()
    try:
        made = holding.new_codes(who.account_id)
    except holding.NoFactor as refused:
        flash(str(refused), "error")
        return redirect(url_for("factors.mine"))
    return _uncached(render_template("account/recovery_codes.html", codes=made, who=who, now=datetime.now(UTC)))


def _needed(account_id: int) -> bool:
    return second_steps.duty(account_id) is not None


def _done(act: Any, said: Any) -> Any:
    try:
        act()
    except Refusal as refused:
        flash(str(refused), "error")
    else:
        flash(said, "success")
    return redirect(url_for("factors.mine"))


def _uncached(page: str) -> Any:
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"  # whoever comes next must not go back to a secret
    return answer


def lead_to_setting_up() -> Any:
    """Before each request: whose role needs a second step by now, and who has none, sets it up before anything else."""
    who = g.get("identity")
    if who is None or request.endpoint is None or request.endpoint.startswith(OPEN):
        return None
    if not who.lacks_second_step(who.scope.on_date):
        return None
    if request.method in READING and getattr(current_app.view_functions[request.endpoint], "open_to_all", None):
        return None  # what any visitor reads
    return redirect(url_for("factors.mine"), 303)
