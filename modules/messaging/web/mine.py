"""One's own messages: what was written to me, where it went, and whether I want advertisements (F-54, screens F5)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from core.sdk import _, ask, attempting, db, i18n, require, scope
from modules.messaging import rules, words
from modules.messaging.services import opting_out
from modules.messaging.services.reading import mine as page_of
from modules.messaging.services.reading import read
from modules.messaging.web.blueprint import bp


@bp.get("/my/messages")
def mine() -> Any:
    """All of them, the newest first, the unread ones marked."""
    found = page_of(request.args.get("at"))
    pager = {
        "first": url_for("messaging.mine") if request.args.get("at") else None,
        "previous": url_for("messaging.mine", at=found.previous) if found.previous else None,
        "next": url_for("messaging.mine", at=found.next) if found.next else None,
    }
    return render_template(
        "messaging/mine.html", rows=found.rows, pager=pager, words=words, zone=i18n.zone(), quiet=opting_out.mine() is not None
    )


@bp.get("/my/messages/<int:number>")
def message(number: int) -> Any:
    """One message; to open it is to read it."""
    one = read(number)
    db.session.commit()
    return render_template(
        "messaging/message.html", one=one, text=rules.shown(one.text), words=words, zone=i18n.zone(),
        link=next((link for link in ask("message_link", about=one.about) if link), None) if one.about else None,
    )  # fmt: skip


@bp.post("/my/messages/promotion")
def promotion() -> Any:
    """Want advertisements, or want none."""
    require("messaging.message.list")
    me = scope.current()
    with attempting() as attempt:
        there = opting_out.mine()
        if request.form.get("want") == "yes":
            if there is not None:
                opting_out.opt_in(there)
        elif me.place is not None:
            opting_out.opt_out(place=me.place, account_id=me.account_id)
    flash(str(attempt.refused) if attempt.refused else _("Saved."), "error" if attempt.refused else "success")
    return redirect(url_for("messaging.mine"))
