"""Region packs as plain data, for tests that hold for every pack under plugins/."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from modules.facilities.layouts import Parsed, parse, resolver

ROOT = Path(__file__).resolve().parents[2]


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, also a gzipped one."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@dataclass(frozen=True)
class Pack:
    """One region pack's files, read as a loader would."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def toml(self, name: str) -> dict[str, Any]:
        return tomllib.loads((self.path / name).read_text(encoding="utf-8"))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return self.toml("module.toml")

    @cached_property
    def regions(self) -> dict[str, dict[str, str]]:
        return {row["code"]: row for row in rows_of(self.path / "regions.csv")}

    @cached_property
    def polygons(self) -> dict[str, dict[str, Any]]:
        features = json.loads((self.path / "data/districts.geojson").read_text(encoding="utf-8"))["features"]
        return {feature["properties"]["code"]: feature for feature in features}

    @cached_property
    def policies(self) -> list[dict[str, Any]]:
        return [
            entry
            for path in sorted(self.path.glob("policies/*.toml"))
            for entry in self.toml(f"policies/{path.name}")["policy"]
        ]

    @cached_property
    def kinds(self) -> dict[str, dict[str, Any]]:
        return {kind["code"]: kind for kind in self.toml("kinds.toml")["kind"]}

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.toml("checklist.toml")["step"])

    @cached_property
    def demo(self) -> dict[str, Any]:
        return self.toml("data/demo.toml")

    @cached_property
    def accounts(self) -> list[dict[str, Any]]:
        return list(self.toml("data/demo_accounts.toml")["account"])

    def demo_rows(self, layout: str) -> list[dict[str, str]]:
        """The demo facilities of all files with this layout, as the file has them."""
        files = [entry["file"] for entry in self.demo["import"] if entry["layout"] == layout]
        return [row for file in files for row in rows_of(self.path / "data" / file)]

    @lru_cache(maxsize=8)  # noqa: B019 -- packs live as long as the tests
    def imported(self, layout: str) -> Parsed:
        """The demo file of this layout, as the product's own importer reads it."""
        [entry] = [entry for entry in self.demo["import"] if entry["layout"] == layout]
        names = {
            code: {language: region[f"name_{language}"] for language in ("en", "ko", "pl")}
            for code, region in self.regions.items()
        }
        return parse(
            self.path / "data" / entry["file"],
            layout,
            region_of=resolver(names.items()),
            region=self.demo["region"],
            polygons={code: feature["geometry"] for code, feature in self.polygons.items()},
            mapping=self.path / "data" / entry["mapping"] if "mapping" in entry else None,
        )

    def contains(self, code: str, lat: float, lon: float) -> bool:
        """Tell whether a point lies in the polygon of a district."""
        geometry = self.polygons[code]["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        return any(
            _in_ring(part[0], lon, lat) and not any(_in_ring(hole, lon, lat) for hole in part[1:])
            for part in parts
        )


def _in_ring(ring: list[list[float]], x: float, y: float) -> bool:
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def all_packs() -> list[Pack]:
    """Every folder under plugins/ whose manifest says it is a region."""
    found = [Pack(path.parent) for path in sorted((ROOT / "plugins").glob("*/module.toml"))]
    return [pack for pack in found if pack.manifest["kind"] == "region"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes `pack` once for every pack."""
    if "pack" in metafunc.fixturenames:
        packs = all_packs()
        metafunc.parametrize("pack", packs, ids=[pack.name for pack in packs])


@pytest.fixture(scope="session")
def packs() -> dict[str, Pack]:
    """All packs by name."""
    return {pack.name: pack for pack in all_packs()}


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT
