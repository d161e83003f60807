"""Public pages of the register: search, map, one centre, comparison of up to four. No sign-in anywhere (S2-01, S2-37)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import MultiDict

from core.sdk import NotFound, _, activation, atlas, db, extension, open_to_all, packs, running, scope
from modules.facilities import meals, search, words
from modules.facilities.models import Facility, MealPhoto
from modules.facilities.search import Search
from modules.facilities.services.photographing import file_of

bp = Blueprint("facilities", __name__, template_folder="templates")

MAX_COMPARED = 4
#: Where other modules offer visitors of a centre's page something to do: dicts of label, url, and main for the one main act, or None.
ACTS = extension.offer(extension.Slot("facilities.detail", ("facility_id", "code")))
#: Beside the map a longer list is shown by district.
MAX_LISTED = 300
#: What a row of the search shows of a centre; the rest of the record stays unread.
LISTED = (
    Facility.id, Facility.code, Facility.name, Facility.name_sort, Facility.region_no, Facility.kind, Facility.status,
    Facility.capacity, Facility.enrolled,
)  # fmt: skip
PUBLIC = "the register of centres is public (S2-37)"


def asked() -> Search:
    """The search in the address."""
    args = request.args
    return Search(
        q=args.get("q", "").strip()[:100],
        region=args.get("region", ""),
        kinds=tuple(args.getlist("kind")),
        services=tuple(args.getlist("service")),
        free=args.get("free") == "1",
        closed=args.get("closed") == "1",
        near=_near(args),
    )


def _near(args: MultiDict[str, str]) -> tuple[float, float] | None:
    try:
        lat, lon = float(args["lat"]), float(args["lon"])
    except (KeyError, ValueError):
        return None
    return (lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


def shown(*facilities: Any) -> list[dict[str, Any]]:
    """Centres as the lists show them; what all rows share is asked once."""
    language, kinds = scope.current().language, words.kinds()
    address = url_for("facilities.detail", code="-").removesuffix("-")
    return [
        {
            "code": one.code,
            "name": one.name,
            "url": address + quote(one.code),
            "kind": kinds.get(one.kind) or words.kind(one.kind),
            "state": one.status,
            "status": words.STATUSES[one.status],
            "district": _name(one.region_no, language),
            "capacity": one.capacity,
            "free": None if one.capacity is None or one.enrolled is None else max(0, one.capacity - one.enrolled),
        }
        for one in facilities
    ]


def _name(region_no: int, language: str) -> str:
    region = atlas().nodes.get(region_no)
    return region.name(language) if region else ""


def currency(facility: Any) -> str:
    """The currency of the centre's region."""
    region = atlas().region_of(facility.id)
    return region.currency if region else ""


def choices() -> dict[str, Any]:
    """What the search form offers: districts where the register is on, kinds in use, services."""
    language = scope.current().language
    nodes = [
        n for n in atlas().nodes.values() if activation.is_active("facilities", n.no) and n.level != "country"
    ]
    return {
        "regions": [(n.code, n.name(language), n.level) for n in nodes],
        "kinds": list(words.kinds(language).items()),
        "services": list(words.SERVICES.items()),
    }


def _other_page(**changes: Any) -> str:
    args = request.args.copy()
    for key, value in changes.items():
        args.setlist(key, [value] if value else [])
    kept: dict[str, Any] = {key: args.getlist(key) for key in args if args.getlist(key) != [""]}
    return url_for(str(request.endpoint), **kept)


@bp.get("/facilities")
@open_to_all(PUBLIC)
def index() -> str:
    """Search without sign-in."""
    wanted = asked()
    found = search.page(wanted, request.args.get("at"), what=LISTED)
    pager = {
        "first": _other_page(at=None) if request.args.get("at") else None,
        "previous": _other_page(at=found.previous) if found.previous else None,
        "next": _other_page(at=found.next) if found.next else None,
    }
    return render_template(
        "facilities/index.html",
        search=wanted,
        rows=shown(*found.rows),
        pager=pager,
        chips=chips(wanted),
        **choices(),
    )


def chips(wanted: Search) -> list[dict[str, Any]]:
    """The filters in force, each with the same page without it."""
    language, found = scope.current().language, []
    if wanted.region in atlas().by_code:
        found.append(
            {
                "label": _("District"),
                "value": atlas().by_code[wanted.region].name(language),
                "url": _other_page(region=None, at=None),
            }
        )
    found += [
        {"label": _("Kind"), "value": words.kind(k), "url": _other_page(kind=None, at=None)}
        for k in wanted.kinds
    ]
    found += [
        {"label": _("Service"), "value": words.SERVICES.get(s, s), "url": _other_page(service=None, at=None)}
        for s in wanted.services
    ]
    if wanted.free:
        found.append({"label": _("Places"), "value": _("free now"), "url": _other_page(free=None, at=None)})
    return found


@bp.get("/facilities/map")
@open_to_all(PUBLIC)
def map_() -> str:
    """The same search on a map, with its text twin beside it (S2-29, S1-043)."""
    wanted = asked()
    counts = search.per_region(wanted)
    rows = search.points(wanted) if sum(counts.values()) <= MAX_LISTED else []
    return render_template(
        "facilities/map.html", search=wanted, items=shown(*rows), total=sum(counts.values()),
        districts=_districts(counts), chips=chips(wanted), query=request.query_string.decode(), **choices(),
    )  # fmt: skip


def _districts(counts: dict[int, int]) -> list[dict[str, Any]]:
    language = scope.current().language
    found = [
        {
            "code": node.code,
            "name": node.name(language),
            "count": count,
            "url": _other_page(region=node.code, at=None),
        }
        for no, count in counts.items()
        if (node := atlas().nodes.get(no)) and count
    ]
    return sorted(found, key=lambda row: row["name"])


@bp.get("/facilities/points.json")
@open_to_all(PUBLIC)
def points() -> dict[str, Any]:
    """The centres of a search as GeoJSON points."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
            "properties": {
                "code": row.code, "name": row.name, "note": words.kind(row.kind), "letter": row.name[:1],
                "quiet": row.status == "paused", "url": url_for("facilities.detail", code=row.code),
            },
        }
        for row in search.points(asked())
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


@bp.get("/facilities/outlines.json")
@open_to_all(PUBLIC)
def outlines() -> dict[str, Any]:
    """District outlines as GeoJSON, of the region searched or of all that are on."""
    region, language, features = request.args.get("region", ""), scope.current().language, []
    for manifest in running().registry.packs():
        for code, geometry in packs.polygons(manifest.path).items():
            node = atlas().by_code.get(code)
            if node is not None and (not region or code == region or code.startswith(f"{region}-")):
                facts = {
                    "code": code,
                    "name": node.name(language),
                    "url": url_for("facilities.map_", region=code),
                }
                features.append({"type": "Feature", "geometry": geometry, "properties": facts})
    return {"type": "FeatureCollection", "features": features}


@bp.get("/facilities/compare")
@open_to_all(PUBLIC)
def compare() -> Any:
    """Up to four centres side by side: places, kinds, services, fees, meals (S2-36)."""
    codes = list(dict.fromkeys(request.args.getlist("f")))
    if len(codes) > MAX_COMPARED:
        return redirect(url_for("facilities.compare", f=codes[:MAX_COMPARED]))
    chosen = search.by_codes(codes)
    return render_template("facilities/compare.html", rows=list(zip(shown(*chosen), chosen, strict=True)), words=words, most=MAX_COMPARED,
                           currencies={f.code: currency(f) for f in chosen})  # fmt: skip


@bp.get("/facilities/<code>")
@open_to_all(PUBLIC)
def detail(code: str) -> str:
    """Everything published about one centre."""
    found = search.by_codes([code])
    if not found or not activation.is_active("facilities", found[0].id):
        raise NotFound(_("There is no centre with this code. Search for it by name."))
    facility = found[0]
    path = [(node.code, node.name(scope.current().language)) for node in atlas().path(facility.id)]
    offered = extension.fillings(ACTS.name, at=facility.id, facility_id=facility.id, code=code)
    acts = [act for act in offered if act]
    return render_template("facilities/detail.html", facility=facility, acts=acts, shown=shown(facility)[0], path=path, words=words,
                           currency=currency(facility), week=meals.week_of(facility.id, request.args.get("week", "")))  # fmt: skip


@bp.get("/facilities/<code>/meals/<int:number>.jpg")
@open_to_all("photographs of meals of published centres are public (S2-28)")
def meal(code: str, number: int) -> Response:
    """One photograph of a meal; kept by browsers for minutes only, so that one taken down is gone."""
    query = db.session.query(MealPhoto).join(Facility, Facility.id == MealPhoto.facility_id)
    photo = query.filter(Facility.code == code, MealPhoto.id == number).one_or_none()
    path = file_of(photo) if photo and activation.is_active("facilities", photo.facility_id) else None
    if path is None or not path.exists():
        raise NotFound(_("This photograph is not here any more."))
    return send_file(path, mimetype="image/jpeg", download_name=f"meal-{number}.jpg", max_age=300)
