"""The front door: the address alone leads on, to one's office or to the first page a visitor may read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, url_for

from core.security.access import open_to_all
from core.web.shell import shell

bp = Blueprint("front", __name__)


@bp.get("/")
@open_to_all("it only shows the way")
def door() -> Any:
    """Lead on; where no module offers a public page yet, signing in is all there is."""
    if g.identity is not None:
        return redirect(url_for("account.start"))
    pages = [page for part in shell().nav for page in part["items"]]
    return redirect(pages[0]["url"] if pages else url_for("security.login"))
