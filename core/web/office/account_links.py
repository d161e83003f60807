"""The page that shows a single-use link once, to be copied, printed or pointed a telephone at; it is kept nowhere."""

from __future__ import annotations

from typing import Any

from flask import make_response, url_for

from core.security.accounts import Account
from core.security.links import LASTS
from core.text import _
from core.web.documents import draw_qr


def show(view: Any, account: Account, token: str, purpose: str, *, waits: bool = False) -> Any:
    """Answer with the link; `waits` says that the post still needs a second officer."""
    url = url_for("account.activate", token=token, _external=True)
    page = view.render(
        "office/account_link.html", account=account, url=url, qr=draw_qr(url, _("QR code of the link")), waits=waits, purpose=purpose,
        hours=int(LASTS[purpose].total_seconds() // 3600), back=url_for("core-accounts.details", number=account.id),
    )  # fmt: skip
    answer = make_response(page)
    answer.headers["Cache-Control"] = (
        "no-store"  # not even in the browser: whoever comes next must not go back to it
    )
    return answer
