"""The open API of the register, version 1: what the public pages show, for other sites and for everybody's own use (S2-51).

No sign-in, no personal data; the answers are the same for everybody, also for somebody who is signed in.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, send_file
from sqlalchemy.orm import selectinload

from core.sdk import NotFound, _, activation, api, atlas, open_to_all
from modules.facilities import open_data, search
from modules.facilities.models import Facility
from modules.facilities.open_data import shapes
from modules.facilities.search import Search

bp = api.Api("facilities", __name__, title="Facilities")

PUBLIC = "the register of centres is public, and open to other sites (S2-37, S2-51)"
#: When to ask again for a file that is being made (seconds).
SOON = 60
_FILES: Any = {
    200: {
        "description": "The file, with licence and day of the source inside.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in open_data.FORMS.values()
        },
    },
    202: {"description": "The first edition of a large file is being made: ask again after Retry-After."},
}


@bp.get("/api/v1/facilities")
@bp.input(shapes.Question, location="query", arg_name="asked")
@bp.output(shapes.Answer)
@open_to_all(PUBLIC)
def facilities(asked: dict[str, Any]) -> dict[str, Any]:
    """Search the published centres, a page at a time."""
    if asked["region"]:
        _known(asked["region"])
    near = (asked["lat"], asked["lon"]) if None not in (asked["lat"], asked["lon"]) else None
    wanted = Search(
        q=asked["q"].strip(), region=asked["region"], kinds=tuple(asked["kind"]), services=tuple(asked["service"]),
        free=asked["free"], closed=asked["closed"], near=near,
    )  # fmt: skip
    found = search.page(wanted, asked["at"], asked["size"], load=(selectinload(Facility.services),))
    rows = [open_data.facts(row, _offered(row)) for row in found.rows]
    return {"facilities": rows, "next": found.next, "previous": found.previous}


@bp.get("/api/v1/facilities/<code>")
@bp.output(shapes.WholeCentre)
@open_to_all(PUBLIC)
def facility(code: str) -> dict[str, Any]:
    """Everything published about one centre."""
    found = search.by_codes([code])
    if not found or not activation.is_active("facilities", found[0].id):
        raise NotFound(_("There is no centre with this code. Search for it by name."))
    return _whole(found[0])


@bp.get("/open/facilities.<any(csv, json, xlsx, geojson):form>")
@bp.input(shapes.WhichFile, location="query", arg_name="asked")
@bp.doc(responses=_FILES)
@open_to_all(PUBLIC)
def file(form: str, asked: dict[str, Any]) -> Response:
    """All published centres of a region as one file."""
    code = asked["region"]
    _known(code)
    kept = open_data.current_file(code, form)
    if kept.path is None:
        said = _("This file is being made. Ask for it again in a minute.")
        waiting = jsonify({"code": "open-data.being-made", "message": str(said)})
        waiting.status_code = 202
        waiting.headers["Retry-After"] = str(SOON)
        waiting.headers["Cache-Control"] = "no-store"
        return waiting
    return send_file(
        kept.path, mimetype=open_data.FORMS[form], as_attachment=True, download_name=f"facilities-{code}.{form}",
        etag=f"{kept.etag}-{form}", max_age=api.MAX_AGE, conditional=True,
    )  # fmt: skip


def _known(code: str) -> None:
    if code not in atlas().by_code:
        raise NotFound(_("There is no region %(code)s here: use a code like KR-11.", code=code))


def _offered(row: Facility) -> list[str]:
    return [service.service for service in row.services if service.standing != "paused"]


def _whole(row: Facility) -> dict[str, Any]:
    region, told = atlas().region_of(row.id), row.disclosure
    return {
        **open_data.facts(row, _offered(row)),
        "offered": [{"service": s.service, "standing": s.standing} for s in row.services],
        "ages": [{"age": g.age, "classes": g.classes, "children": g.children} for g in row.age_groups],
        "hours": [
            {name: getattr(h, name) for name in ("season", "weekday", "opens", "closes", "meals", "snacks")}
            for h in row.hours
        ],
        "closing_days": [{"day": c.day, "reason": c.reason} for c in row.closing_days],
        "told": None if told is None else {
            "fees": told.fees, "currency": region.currency if region else "", "programmes": told.programmes,
            "insurance": told.insurance, "meals": told.meals, "extent": told.extent,
        },
    }  # fmt: skip
