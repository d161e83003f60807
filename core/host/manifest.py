"""`module.toml` as frozen dataclasses: read strictly, so that a typo is one clear line and not a silent default."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from core.errors import DolbomError

KINDS = ("module", "region", "device", "connector")
QUALITIES = ("bronze", "silver", "gold")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


class BadManifest(DolbomError):
    """A module.toml is wrong; the text names file, key and the mend."""

    code: ClassVar[str] = "manifest.bad"


@dataclass(frozen=True)
class RegionFacts:
    """The `[region]` table of a region pack."""

    code: str
    in_force: tuple[date, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    currency: str = ""
    timezone: str = "UTC"
    fiscal_year: str = "01-01"
    school_year: str = "09-01"
    week_start: str = "monday"
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataFacts:
    """The `[data]` table: personal data held and how long (the record of processing is built from it)."""

    personal: tuple[str, ...] = ()
    purpose: str = ""
    legal_basis: str = ""
    recipients: tuple[str, ...] = ()
    retain: str = ""


@dataclass(frozen=True)
class TalksTo:
    """The `[talks_to]` table: hosts a connector or device may reach."""

    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """Who a module is and whom it needs; read without importing it."""

    name: str
    kind: str
    version: str
    title: str
    path: Path
    package: str
    summary: str = ""
    host: str = ">=0"
    depends: dict[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    quality: str = "bronze"
    licence: str = "LGPL-3.0-or-later"
    region: RegionFacts | None = None
    data: DataFacts = field(default_factory=DataFacts)
    talks_to: TalksTo = field(default_factory=TalksTo)

    @property
    def migrations(self) -> Path:
        """Where its migration scripts lie: in the package for third parties, else under migrations/."""
        own = self.path / "migrations"
        return own if own.is_dir() else self.path.parent.parent / "migrations" / self.name


def read(folder: Path, package: str) -> Manifest:
    """Read `folder/module.toml`; raises `BadManifest` with the file, the key and the nearest known one."""
    path = folder / "module.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadManifest(f"{path}: {error}") from None
    known = {f.name for f in fields(Manifest)} - {"path", "package"}
    _refuse_unknown(path, table, known, "")
    values: dict[str, Any] = dict(table)
    if _is_list(values.get("depends"), str):
        values["depends"] = dict.fromkeys(values["depends"], "")
    for key, kind in (("region", RegionFacts), ("data", DataFacts), ("talks_to", TalksTo)):
        if key in values:
            values[key] = _table(path, key, values[key], kind)
    for key in ("name", "kind", "version", "title"):
        if not isinstance(values.get(key), str) or not values[key]:
            raise BadManifest(f'{path}: {key} is missing: write {key} = "…"')
    _refuse_other_kinds(path, values, Manifest, "")
    values["uses"] = tuple(values.get("uses", ()))
    manifest = Manifest(path=folder, package=package, **values)
    _check(path, manifest)
    return manifest


def _table(path: Path, name: str, table: Any, kind: type[Any]) -> Any:
    if not isinstance(table, dict):
        raise BadManifest(f"{path}: [{name}] must be a table")
    _refuse_unknown(path, table, {f.name for f in fields(kind)}, f"{name}.")
    _refuse_other_kinds(path, table, kind, f"{name}.")
    try:
        return kind(
            **{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
        )
    except TypeError as error:
        raise BadManifest(f"{path}: [{name}]: {error}") from None


def _refuse_unknown(path: Path, table: dict[str, Any], known: set[str], prefix: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = (
                f" (did you mean {prefix}{near[0]}?)" if near else f"; known are {', '.join(sorted(known))}"
            )
            raise BadManifest(f"{path}: unknown key {prefix}{key}{hint}")


def _refuse_other_kinds(path: Path, table: dict[str, Any], kind: type[Any], prefix: str) -> None:
    for known in fields(kind):
        if known.name in table and known.type in _KINDS:
            words, fits = _KINDS[known.type]
            if not fits(table[known.name]):
                raise BadManifest(f"{path}: {prefix}{known.name} must be {words}, not {table[known.name]!r}")


def _is_list(value: Any, kind: type[Any]) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


#: What stands behind a field's annotation: how to say it, and whether a value is it.
_KINDS: dict[Any, tuple[str, Callable[[Any], bool]]] = {
    "str": ('a text in "…"', lambda value: isinstance(value, str)),
    "tuple[str, ...]": ('a list of texts, ["…"]', lambda value: _is_list(value, str)),
    "tuple[date, ...]": ("a list of dates, [2026-03-01]", lambda value: _is_list(value, date)),
    "dict[str, str]": (
        'a table of names and versions, { name = ">=0.1" }, or a list of names',
        lambda value: isinstance(value, dict) and _is_list(list(value.values()), str),
    ),
}


def _check(path: Path, manifest: Manifest) -> None:
    if (
        manifest.name != manifest.path.name
        or not _NAME.fullmatch(manifest.name)
        or manifest.name in ("core", "public")
    ):
        raise BadManifest(
            f"{path}: name must equal the folder ({manifest.path.name}): lower-case letters, digits and _"
        )
    for key, value, allowed in (("kind", manifest.kind, KINDS), ("quality", manifest.quality, QUALITIES)):
        if value not in allowed:
            raise BadManifest(f"{path}: {key} = {value!r}: use one of {', '.join(allowed)}")
    try:
        Version(manifest.version)
        for wanted in (manifest.host, *manifest.depends.values()):
            SpecifierSet(wanted)
    except (InvalidVersion, InvalidSpecifier) as error:
        raise BadManifest(f"{path}: {error}") from None
    if (manifest.kind == "region") != (manifest.region is not None):
        raise BadManifest(f'{path}: a [region] table belongs to kind = "region", and only to it')
    if manifest.data.personal and not manifest.data.retain:
        raise BadManifest(f'{path}: personal data needs data.retain, e.g. retain = "5y"')
