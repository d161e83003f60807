"""The public log on the web: its files for mirrors and verifiers, what it is in plain words, and a page that verifies alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from core.sdk import NotFound, _, i18n, open_to_all
from modules.transparency.notice import in_groups, sheet
from modules.transparency.services.alarming import alarms
from modules.transparency.services.proving import newest
from modules.transparency.services.publishing import content
from modules.transparency.services.reading import head_at, size
from modules.transparency.services.watching import policy_here, witnesses
from modules.transparency.tiles import WIDTH, Tile

bp = Blueprint("transparency", __name__, template_folder="templates")
PUBLIC = "the log is public, so that nobody has to trust us (integrity.md 1)"
#: Seconds a head may be kept; what a complete tile holds never changes.
FRESH, HOUR, FOREVER = 5, 3600, 365 * 24 * 3600
_HERE = Path(__file__).parent
_NUMBER = re.compile(r"(x[0-9]{3}/)*[0-9]{3}")


@bp.get("/log")
@open_to_all(PUBLIC)
def log() -> Any:
    """What the log is, its newest head, who watches it, and a box for a head somebody noted down."""
    noted = request.args.get("size", type=int)
    typed = re.sub(r"[^0-9a-fA-F]", "", request.args.get("root", ""))[:64].lower()
    known = head_at(noted) if noted is not None else None
    return render_template(
        "transparency/log.html", head=newest(), size=size(), witnesses=witnesses(), alarms=alarms(20), noted=noted, typed=typed,
        known=known, zone=i18n.zone(), in_groups=in_groups,
    )  # fmt: skip


@bp.get("/log/notice.pdf")
@open_to_all(PUBLIC)
def notice() -> Any:
    """The newest head to print and hang up, in one's language."""
    head = newest()
    if head is None:
        raise NotFound(_("Nothing is sealed yet."))
    answer = Response(sheet(head), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename=notice-{head.size}.pdf"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/log/verify")
@open_to_all(PUBLIC)
def verify() -> Any:
    """The page that verifies a receipt or a whole published log without asking anybody."""
    return render_template("transparency/verify.html", policy=policy_here())


@bp.get("/log/verify.js")
@open_to_all(PUBLIC)
def verify_script() -> Any:
    """What the page runs: to read, to keep, to host elsewhere."""
    return _file((_HERE / "static" / "verify.js").read_bytes(), "text/javascript; charset=utf-8", HOUR)


@bp.get("/log/verify.py")
@open_to_all(PUBLIC)
def verify_program() -> Any:
    """The verifier as a program of one file."""
    answer = _file((_HERE / "verifier" / "verify.py").read_bytes(), "text/x-python; charset=utf-8", HOUR)
    answer.headers["Content-Disposition"] = "attachment; filename=verify.py"
    return answer


@bp.get("/log/checkpoint")
@open_to_all(PUBLIC)
def checkpoint() -> Any:
    """The newest head with all its signatures."""
    head = newest()
    if head is None:
        raise NotFound(_("Nothing is sealed yet."))
    return _file(head.note.encode(), "text/plain; charset=utf-8", FRESH)


@bp.get("/log/policy.txt")
@open_to_all(PUBLIC)
def policy() -> Any:
    """The log's key, its witnesses and the quorum; take your copy from somebody you trust."""
    return _file(policy_here().encode(), "text/plain; charset=utf-8", FRESH)


@bp.get("/log/tile/<level>/<one>")
@bp.get("/log/tile/<level>/<one>/<two>")
@bp.get("/log/tile/<level>/<one>/<two>/<three>")
@bp.get("/log/tile/<level>/<one>/<two>/<three>/<four>")
@open_to_all(PUBLIC)
def tile(level: str, one: str, two: str = "", three: str = "", four: str = "") -> Any:
    """A tile of hashes, or a bundle of entries."""
    path = "/".join(part for part in (one, two, three, four) if part)
    number, _dot, width = path.partition(".p/")
    if not _NUMBER.fullmatch(number) or not (level == "entries" or level in "012345") or (_dot and not width.isdecimal()):
        raise NotFound(_("There is no such file of the log."))
    wanted = Tile(-1 if level == "entries" else int(level), int(re.sub(r"[x/]", "", number)), int(width) if width else WIDTH)
    if not _complete(wanted):
        raise NotFound(_("There is no such file of the log."))
    return _file(content(wanted), "application/octet-stream", FOREVER)


def _complete(wanted: Tile) -> bool:
    """Whether all of it is sealed: nothing is handed out that no head promises."""
    head = newest()
    if head is None or not 1 <= wanted.width <= WIDTH:
        return False
    each = 1 << max(wanted.level, 0) * 8
    return (wanted.number * WIDTH + wanted.width) * each <= head.size


def _file(raw: bytes, kind: str, age: int) -> Response:
    answer = Response(raw, content_type=kind)
    answer.headers["Cache-Control"] = f"public, max-age={age}" + (", immutable" if age == FOREVER else "")
    answer.headers["Access-Control-Allow-Origin"] = "*"  # a verifier hosted elsewhere reads it too
    return answer

