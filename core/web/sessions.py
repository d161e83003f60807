"""Where one is signed in and who else tried: each session with time, browser and network, to be ended by its owner."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from core.security import sign_ins
from core.security.access import for_oneself
from core.text import _, ngettext
from core.web.proving import freshly, me

bp = Blueprint("sessions", __name__, template_folder="templates")

#: So many of the latest attempts are shown.
SHOWN = 50


@bp.get("/account/sessions")
@for_oneself("one's own sessions")
def mine() -> Any:
    """Open sessions first, then the latest attempts."""
    who = me()
    return render_template(
        "account/sessions.html", who=who, open=sign_ins.open_of(who.account_id), past=sign_ins.of(who.account_id, SHOWN),
        causes=CAUSES, steps=STEPS,
    )  # fmt: skip


@bp.post("/account/sessions/<int:number>/end")
@for_oneself("one's own sessions")
@freshly
def end(number: int) -> Any:
    """End one session."""
    who = me()
    if sign_ins.end(who.account_id, only=number, because="ended by the person"):
        flash(_("The session was ended."), "success")
    else:
        flash(_("This session has ended already."), "error")
    return redirect(url_for("sessions.mine"))


@bp.post("/account/sign-ins")
@for_oneself("one's own sessions")
@freshly
def end_others() -> Any:
    """End every session but this one."""
    who = me()
    ended = sign_ins.end(who.account_id, keep=who.sign_in_id, because="ended by the person")
    flash(
        ngettext("%(num)s other session was ended.", "%(num)s other sessions were ended.", ended), "success"
    )
    return redirect(url_for("sessions.mine"))


#: Why an attempt was refused, in words for its owner.
CAUSES = {
    "password": _("wrong password"),
    "code": _("wrong code"),
    "second": _("right password, second step not passed"),
    "locked": _("refused during the wait after failures"),
    "suspended": _("the account was suspended"),
    "left": _("the account was closed"),
}
STEPS = {"app": _("code of the app"), "passkey": _("passkey"), "recovery": _("recovery code")}
