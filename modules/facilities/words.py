"""The words people read for codes: kinds from the packs in all languages, services and statuses translated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from core.sdk import _, atlas, i18n, packs, running, scope
from modules.facilities.layouts.codes import CATALOGUE

SERVICES: Final[dict[str, Any]] = {
    "general": _("General care"),
    "disabled_integrated": _("Integrated care for children with disabilities"),
    "disabled_special": _("Special care for children with disabilities"),
    "multicultural": _("Care for multicultural families"),
    "night": _("Night care"),
    "holiday": _("Holiday and weekend care"),
    "part_time": _("Part-time care by the hour"),
    "extended": _("Extended hours"),
    "twentyfour_hour": _("24-hour care"),
    "infant": _("Infant care"),
    "after_school": _("After-school care"),
    "sick_child": _("Care for sick children"),
    "emergency": _("Emergency care"),
}
#: Code → (status look, word).
STATUSES: Final[dict[str, tuple[str, Any]]] = {
    "open": ("ok", _("Open now")),
    "reopened": ("ok", _("Open again")),
    "paused": ("waiting", _("Paused")),
    "closed": ("stop", _("Closed")),
    "unknown": ("attention", _("Status not recorded")),
}
STANDINGS: Final[dict[str, Any]] = {"offered": _("offered"), "full": _("full"), "paused": _("paused")}
WEEKDAYS: Final[tuple[Any, ...]] = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
SEASONS: Final[dict[str, Any]] = {"all": _("All year"), "term": _("School term"), "vacation": _("Vacation")}
AGES: Final[dict[str, Any]] = {
    **{str(age): _("Age %(age)s", age=age) for age in range(6)},
    "infant_mixed": _("Ages 0–2 together"),
    "preschool_mixed": _("Ages 3–5 together"),
    "special": _("Children with disabilities"),
}


#: What is kept of a centre → its label.
FIELDS: Final[dict[str, Any]] = {
    "name": _("Name"), "code": _("Code"), "kind": _("Kind"), "status": _("Status"), "capacity": _("Places"),
    "enrolled": _("Children"), "published": _("Published"), "address": _("Address"), "phone": _("Telephone"),
    "postcode": _("Postcode"), "fax": _("Fax"), "homepage": _("Website"), "lat": _("Latitude"), "lon": _("Longitude"),
    "licensed_on": _("Licensed on"), "rooms": _("Rooms"), "room_area_m2": _("Room area (m²)"),
    "total_area_m2": _("Floor area (m²)"), "playgrounds": _("Playgrounds"), "cctv": _("CCTV cameras"),
    "staff_count": _("Staff"), "bus": _("School bus"), "operator": _("Operator"),
    "kind_raw": _("Kind as the register spells it"), "paused_from": _("Paused from"), "paused_to": _("Paused until"),
    "closed_on": _("Closed on"), "register": _("Register it comes from"), "register_no": _("Number"), "region_no": _("District"),
    "source": _("Source"), "source_on": _("Register of"),
}  # fmt: skip
#: What is kept of a centre's offer → its label.
OFFER_FIELDS: Final[dict[str, Any]] = {
    "service": _("Service"), "standing": _("Standing"), "season": _("Season"), "weekday": _("Day"), "opens": _("Opens"),
    "closes": _("Closes"), "meals": _("Meals"), "snacks": _("Snacks"), "day": _("Day"), "reason": _("Reason parents read"),
    "fees": _("Fees"), "programmes": _("Programmes"), "insurance": _("Insurance"), "extent": _("Extent of service"),
    "caption": _("What is on the plate"),
}  # fmt: skip
#: How a register is laid out → what it is called.
LAYOUTS: Final[dict[str, Any]] = {
    "seoul-standard": _("Seoul open data, standard form"),
    "kr-basic": _("Korea: basic status of daycare centres"),
    "pl-rspo": _("Poland: RSPO, schools and kindergartens"),
    "pl-zlobki": _("Poland: register of nurseries"),
    "generic-csv": _("A table of one's own"),
}
#: Which register a number is of → what it is called.
REGISTERS: Final[dict[str, Any]] = {
    "kr-stcode": _("Korea: daycare centres by facility code"),
    "kr-basic": _("Korea: basic status of daycare centres"),
    "rspo": _("Poland: RSPO, schools and kindergartens"),
    "pl-rz": _("Poland: register of nurseries"),
    "custom": _("A table of one's own"),
    "dolbom": _("Registered by hand"),
}
#: Where a record comes from, apart from imports → its word.
SOURCES: Final[dict[str, Any]] = {"staff": _("Entered by staff"), "merge": _("Merged with another record")}
#: What an import counts → its word, in the order they are read.
TOTALS: Final[dict[str, Any]] = {
    "rows": _("Rows read"),
    "created": _("New"),
    "updated": _("Changed"),
    "unchanged": _("Unchanged"),
    "closed": _("Closed by this file"),
    "rejected": _("Left out"),
    "vanished": _("No longer in the file"),
}


@lru_cache(maxsize=8)
def _kinds(language: str, mark: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for manifest in running().registry.packs():
        for kind in packs.kinds(manifest.path):
            names = kind["names"]
            found.setdefault(kind["code"], names.get(language) or names["en"])
    return found


def kinds(language: str | None = None) -> dict[str, str]:
    """Kind code → its name in the reader's language, in the packs' order."""
    mark = tuple(manifest.name for manifest in running().registry.packs())
    return _kinds(language or scope.current().language, mark)


def kind(code: str) -> str:
    """The name of one kind; an unknown code stands for itself."""
    return kinds().get(code, str(_("Other")) if code == "OTHER" else code)


def defect(code: str) -> str:
    """What a kind of defect is called: its sentence, with … for what stood in the file."""
    known = CATALOGUE.get(code)
    return str(known.message) % {"field": "…", "value": "…"} if known else code


def source(code: str) -> Any:
    """Where a record comes from: an import with the name of its layout, or people."""
    how, colon, layout = code.partition(":")
    if how == "import" and colon:
        return _("Import: %(layout)s", layout=str(LAYOUTS.get(layout, layout)))
    return SOURCES.get(code, code)


def _district(number: int) -> str:
    node = atlas().nodes.get(number)
    return node.name(scope.current().language) if node else str(number)


def _day(value: date | str) -> str:
    return i18n.day(date.fromisoformat(value) if isinstance(value, str) else value)


_SAID: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": kind,
    "status": lambda code: STATUSES[code][1] if code in STATUSES else code,
    "register": lambda code: REGISTERS.get(code, code),
    "source": source,
    "region_no": _district,
    "service": lambda code: SERVICES.get(code, code),
    "standing": lambda code: STANDINGS.get(code, code),
    "season": lambda code: SEASONS.get(code, code),
    "weekday": lambda number: WEEKDAYS[number - 1],
    **dict.fromkeys(("opens", "closes"), lambda hour: str(hour)[:5]),
    **dict.fromkeys(("licensed_on", "paused_from", "paused_to", "closed_on", "source_on", "day"), _day),
}


def said(field: str, value: Any) -> Any:
    """A value of a centre or its offer as people read it: codes in words, days written out; nothing stays nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _SAID[field](value) if field in _SAID else value
