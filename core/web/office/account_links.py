"""The page that shows a single-use link once, to be copied, printed or pointed a telephone at; it is kept nowhere."""

from __future__ import annotations

from typing import Any

import segno
from flask import make_response, url_for
from markupsafe import Markup

from core.security.accounts import Account
from core.security.links import LASTS
from core.text import _


def show(view: Any, account: Account, token: str, purpose: str, *, waits: bool = False) -> Any:
    """Answer with the link; `waits` says that the post still needs a second officer."""
    url = url_for("account.activate", token=token, _external=True)
    page = view.render(
        "office/account_link.html", account=account, url=url, qr=_drawn(url), waits=waits, purpose=purpose,
        hours=int(LASTS[purpose].total_seconds() // 3600), back=url_for("core-accounts.details", number=account.id),
    )  # fmt: skip
    answer = make_response(page)
    answer.headers["Cache-Control"] = (
        "no-store"  # not even in the browser: whoever comes next must not go back to it
    )
    return answer


def _drawn(url: str) -> Markup:
    """The link as a QR code: dark on light also in the dark theme, else cameras do not read it."""
    code = segno.make(url, error="m", micro=False)
    drawn = code.svg_inline(
        scale=5, border=4, dark="#000", light="#fff", title=str(_("QR code of the link")), svgclass="qr"
    )
    return Markup(drawn)  # noqa: S704  drawn from our own address by the library, which escapes the title
