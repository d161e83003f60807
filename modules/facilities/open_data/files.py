"""The register as a file: CSV, JSON, spreadsheet or map points, written row by row so that its size does not matter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO, Final

from core.sdk import documents
from modules.facilities.open_data.facts import FIELDS
from modules.facilities.open_data.terms import Terms

#: Form → its media type.
FORMS: Final[dict[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}

Rows = Iterable[dict[str, Any]]


def write(form: str, target: BinaryIO, region: str, terms: Terms, rows: Rows) -> None:
    """Write the rows of one region in a form of `FORMS`."""
    if form == "csv":
        target.writelines(documents.csv_lines(_columns(), _cells(rows, terms)))
    elif form == "xlsx":
        documents.write_xlsx(
            _columns(), _cells(rows, terms), sheet=region, title=f"{region} · {terms.licence}", target=target
        )
    else:
        lines = _features(rows) if form == "geojson" else map(_plain, rows)
        head = {"type": "FeatureCollection"} if form == "geojson" else {}
        _objects(target, {**head, "region": region, **terms.as_dict()},
                 "features" if form == "geojson" else "facilities", lines)  # fmt: skip


def _columns() -> list[documents.Column]:
    """Titles are field names: programs read these files, in every language the same."""
    found = [documents.Column(name, kind) for name, kind in FIELDS.items()]
    return [*found, documents.Column("licence"), documents.Column("attribution")]


def _cells(rows: Rows, terms: Terms) -> Iterator[list[Any]]:
    """A table has no head to put the terms in: every row carries them."""
    for row in rows:
        services = " ".join(row["services"])
        yield [
            *(services if name == "services" else row[name] for name in FIELDS),
            terms.licence,
            terms.attribution,
        ]


def _features(rows: Rows) -> Iterator[dict[str, Any]]:
    for row in rows:
        plain = _plain(row)
        lat, lon = plain.pop("lat"), plain.pop("lon")
        point = None if lat is None else {"type": "Point", "coordinates": [lon, lat]}
        yield {"type": "Feature", "geometry": point, "properties": plain}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat()
        if isinstance(value, date)
        else str(value)
        if isinstance(value, Decimal)
        else value
        for name, value in row.items()
    }


def _objects(target: BinaryIO, head: dict[str, Any], name: str, rows: Iterable[dict[str, Any]]) -> None:
    opened = json.dumps(head, ensure_ascii=False)[:-1]
    target.write(f'{opened}, "{name}": ['.encode())
    target.writelines(
        (",\n" if number else "\n").encode() + json.dumps(row, ensure_ascii=False).encode()
        for number, row in enumerate(rows)
    )
    target.write(b"\n]}\n")
