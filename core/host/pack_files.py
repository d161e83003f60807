"""What a region pack's folder says: the regions it knows, their outlines, the kinds of facilities there."""

from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from core.errors import DolbomError
from core.host.discovery import Registry
from core.host.manifest import Manifest


class UnknownPack(DolbomError):
    """No region pack of this name runs."""

    code: ClassVar[str] = "pack.unknown"
    http: ClassVar[int] = 404


@dataclass(frozen=True)
class Entry:
    """One line of a pack's regions.csv or gazetteer.csv."""

    code: str
    parent: str | None
    level: str
    names: dict[str, str]
    facts: dict[str, Any]
    first_day: date | None
    last_day: date | None
    gazetteer: bool = False


def pack_of(registry: Registry, name: str) -> Manifest:
    """The running pack of this name, or a refusal that says why it does not run."""
    manifest = registry.modules.get(name)
    if manifest is None or manifest.region is None:
        aside = registry.quarantine.get(name)
        known = ", ".join(pack.name for pack in registry.packs())
        raise UnknownPack(
            f"Pack {name} does not run: {aside.reason}"
            if aside
            else f"There is no pack {name}; known are {known}."
        )
    return manifest


@lru_cache(maxsize=32)
def entries(folder: Path) -> dict[str, Entry]:
    """The regions a pack knows: regions.csv is opened with the region, gazetteer.csv when a place is first needed."""
    found: dict[str, Entry] = {}
    for name in ("data/gazetteer.csv", "regions.csv"):
        path = folder / name
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    found[row["code"]] = _entry(row, gazetteer=name != "regions.csv")
    return found


def _entry(row: dict[str, str], *, gazetteer: bool) -> Entry:
    facts: dict[str, Any] = {"aliases": [alias for alias in row.get("aliases", "").split("|") if alias]}
    facts |= {key: float(row[key]) for key in ("lat", "lon") if row.get(key)}
    facts |= {"legal_code": row["legal_code"]} if row.get("legal_code") else {}

    def day(key: str) -> date | None:
        return date.fromisoformat(row[key]) if row.get(key) else None

    names = {key[5:]: value for key, value in row.items() if key.startswith("name_") and value}
    return Entry(
        row["code"],
        row["parent"] or None,
        row["level"],
        names,
        facts,
        day("first_day"),
        day("last_day"),
        gazetteer,
    )


@lru_cache(maxsize=32)
def polygons(folder: Path) -> dict[str, Any]:
    """The pack's district outlines as GeoJSON geometries by region code."""
    path = folder / "data" / "districts.geojson"
    if not path.exists():
        return {}
    return {
        f["properties"]["code"]: f["geometry"]
        for f in json.loads(path.read_text(encoding="utf-8"))["features"]
    }


@lru_cache(maxsize=32)
def kinds(folder: Path) -> list[dict[str, Any]]:
    """The facility kinds a pack describes (kinds.toml)."""
    path = folder / "kinds.toml"
    return list(tomllib.loads(path.read_text(encoding="utf-8")).get("kind", ())) if path.exists() else []
