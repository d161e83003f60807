"""Find an icon by the meaning a page gives it: our words first, then the names of the vendored icon set, then a plain mark."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from flask import g, url_for

LIST: Final = Path(__file__).resolve().parent / "vendor.toml"
SPRITE: Final = "icons.svg"
PLAIN: Final = "chevron-right"

#: Our words for the icons of states and acts; pages and modules may also use the icon set's own names.
MEANINGS: Final = {
    "ok": "circle-check",
    "attention": "alert-triangle",
    "stop": "alert-octagon",
    "waiting": "hourglass",
    "neutral": "minus",
    "note": "info-circle",
    "facility": "building-community",
    "people": "users",
    "person": "user",
    "child": "mood-kid",
    "money": "coins",
    "chart": "chart-bar",
    "document": "file-text",
    "print": "printer",
    "edit": "pencil",
    "view": "eye",
    "delete": "trash",
    "close": "x",
    "menu": "menu-2",
    "down": "chevron-down",
    "up": "chevron-up",
    "left": "chevron-left",
    "right": "chevron-right",
    "first": "chevrons-left",
    "question": "help-circle",
    "module": "puzzle",
    "device": "nfc",
    "inbox": "clipboard-list",
    "place": "map-pin",
}


@cache
def known() -> frozenset[str]:
    """Names in the vendored sprite."""
    assets = tomllib.loads(LIST.read_text("utf-8"))["asset"]
    return frozenset(name for asset in assets if asset["to"] == SPRITE for name in asset.get("icons", ()))


def symbol(name: str) -> str:
    """The sprite's symbol for a meaning or an icon's own name; an unknown name gets the plain mark, never a hole."""
    wanted = MEANINGS.get(name, name)
    return wanted if wanted in known() else PLAIN


def icon_href(name: str) -> str:
    """Where the icon is drawn, for `<use href>`; the sprite's address is made once a page, a list draws hundreds."""
    if "dolbom_sprite" not in g:
        g.dolbom_sprite = url_for("theme.static", filename=f"vendor/{SPRITE}")
    return f"{g.dolbom_sprite}#tabler-{symbol(name)}"
