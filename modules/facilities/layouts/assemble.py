"""Building a facility out of a row: each group of fields in turn, every doubt noted on the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from modules.facilities.layouts.columns import AGES
from modules.facilities.layouts.defects import check_dates, check_places, check_sums
from modules.facilities.layouts.geography import in_country, is_placeholder
from modules.facilities.layouts.homepage import EmailInstead, homepage
from modules.facilities.layouts.kinds import Words
from modules.facilities.layouts.row import FacilityRow
from modules.facilities.layouts.telephone import telephone
from modules.facilities.layouts.values import Unreadable

if TYPE_CHECKING:
    from datetime import date

    from modules.facilities.layouts.layout import Layout
    from modules.facilities.layouts.record import Record

#: Five digits since 2015, six before; Poland 12-345.
_POSTCODES: Final = {
    "KR": re.compile(r"\d{3}-?\d{3}|\d{4,5}", re.ASCII),
    "PL": re.compile(r"\d\d-?\d{3}", re.ASCII),
}


class Assembler:
    """Builds the facilities of one file; remembers the layout's words and which columns the file has."""

    def __init__(self, layout: Layout, places: dict[str, int], on: date | None) -> None:
        self._layout = layout
        self._on = on
        self._kinds, self._statuses = Words(layout.kinds), Words(layout.statuses)
        self._services = Words(layout.services)
        self._tidied: dict[str, str] = {}
        self._has_address = any(places[field] >= 0 for field in ("address", "street", "locality"))
        self._has_ages = places["children_total"] >= 0 or any(places[f"children_{age}"] >= 0 for age in AGES)

    def build(self, record: Record, region_code: str, region_raw: str) -> FacilityRow:
        """The facility of a row that has a number, a name and a region."""
        row: dict[str, Any] = {"region_code": region_code, "region_raw": region_raw, "line": record.line}
        row["register"], row["register_no"] = self._layout.register, record.register_no
        row["name"] = record.text("name")
        self._what(record, row)
        self._where(record, row)
        self._contact(record, row)
        self._numbers(record, row)
        self._days(record, row)
        self._layout.check(record)
        check_places(record, row)
        check_dates(record, row)
        return FacilityRow(**row)

    def _what(self, record: Record, row: dict[str, Any]) -> None:
        literal = record["kind"] or self._layout.constants.get("kind", "")
        code, damaged = self._kinds.find(literal)
        if code is None:
            record.warn("kind-unknown", "kind", literal)
        elif damaged:
            record.warn("kind-damaged", "kind", literal)
        row["kind"], row["kind_raw"] = code or "OTHER", self._word(record, "kind")
        row["services"] = self._layout.more_services(record)
        if record["services"]:
            row["services"], unknown = self._services.find_all(record["services"])
            if unknown:
                record.warn("service-unknown", "services", unknown)
        row["operator"] = self._layout.operator(record)

    def _word(self, record: Record, field: str) -> str:
        """One of a register's few words, tidied once a file."""
        word = record[field]
        if word not in self._tidied:
            self._tidied[word] = record.text(field)
        return self._tidied[word]

    def _where(self, record: Record, row: dict[str, Any]) -> None:
        row["address"] = self._layout.address(record)
        if self._has_address and not row["address"]:
            record.warn("address-missing", "address")
        row["postcode"] = self._postcode(record)
        lat, lon = record.degrees("lat"), record.degrees("lon")
        if record.has("lat") and not (record["lat"] and record["lon"]):
            record.warn("coordinates-missing", "lat")
        if lat is None or lon is None:
            lat = lon = None
        elif is_placeholder(lat, lon):
            record.warn("coordinates-placeholder", "lat", f"{lat:.6f},{lon:.6f}")
            lat = lon = None
        elif not in_country(lat, lon, self._layout.country):
            record.warn("coordinates-outside-country", "lat", f"{lat},{lon}")
            lat = lon = None
        row["lat"], row["lon"] = lat, lon

    def _postcode(self, record: Record) -> str:
        postcode = record["postcode"]
        form = _POSTCODES.get(self._layout.country)
        if not postcode or form is None:
            return postcode[:16]
        if not form.fullmatch(postcode):
            record.warn("postcode-invalid", "postcode", postcode)
            return ""
        # A spreadsheet takes the leading zero off 03924.
        return postcode.zfill(5) if self._layout.country == "KR" else f"{postcode[:2]}-{postcode[-3:]}"

    def _contact(self, record: Record, row: dict[str, Any]) -> None:
        for field, code in (("phone", "telephone-impossible"), ("fax", "fax-impossible")):
            try:
                row[field] = telephone(record[field], self._layout.country)
            except Unreadable:
                row[field] = None
                record.warn(code, field, record[field])
        row["homepage"] = None
        try:
            row["homepage"] = homepage(record["homepage"])
        except EmailInstead:
            record.warn("email-in-homepage", "homepage")
        except Unreadable:
            # What people type there may be a name or an account: the report does not repeat it.
            record.warn("homepage-invalid", "homepage")

    def _numbers(self, record: Record, row: dict[str, Any]) -> None:
        for field in ("capacity", "enrolled", "rooms", "playgrounds", "cctv", "staff_count"):
            row[field] = record.count(field)
        row["room_area_m2"] = record.quantity("room_area_m2")
        row["bus"] = record.flag("bus")
        row["age_groups"] = check_sums(record, row) if self._has_ages else ()

    def _days(self, record: Record, row: dict[str, Any]) -> None:
        for field in ("licensed_on", "paused_from", "paused_to", "closed_on"):
            row[field] = record.day(field)
        row["source_on"] = record.day("source_on") or self._on
        literal = record["status"] or self._layout.constants.get("status", "")
        row["status_raw"] = self._word(record, "status")
        if literal:
            status, _damaged = self._statuses.find(literal)
            if status is None:
                record.warn("status-unknown", "status", literal)
        elif self._layout.status_from_dates:
            status = "closed" if row["closed_on"] else "open"
        else:
            status = None
            record.warn("status-missing", "status")
        row["status"] = status or "unknown"
