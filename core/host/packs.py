"""Region packs: open a region with its ancestors and districts in one act (E-08); the one name for all that packs offer."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import DolbomError
from core.host.checklists import OCCASIONS, Step, checklist
from core.host.differences import difference, settings
from core.host.discovery import Registry
from core.host.manifest import Manifest
from core.host.pack_files import Entry, UnknownPack, entries, kinds, pack_of, polygons
from core.regions import activation, tree
from core.regions.atlas import atlas, renew
from core.security import scope as scopes
from core.security.access import require

__all__ = [
    "OCCASIONS",
    "Entry",
    "NotInPack",
    "Step",
    "UnknownPack",
    "checklist",
    "difference",
    "entries",
    "kinds",
    "knows",
    "open_places",
    "open_region",
    "open_with_modules",
    "pack_of",
    "polygons",
    "settings",
]


class NotInPack(DolbomError):
    """The pack does not know this region code."""

    code: ClassVar[str] = "pack.no-such-region"
    http: ClassVar[int] = 404


def open_region(registry: Registry, code: str, pack: str) -> list[str]:
    """Create the region, its missing ancestors and everything the pack lists below it; returns the codes created.

    Opening again is harmless: what is there stays as it is.
    """
    require("core.region.create")
    manifest = pack_of(registry, pack)
    known = entries(manifest.path)
    if code not in known:
        raise NotInPack(
            f"Pack {pack} does not know {code}; it knows {', '.join(sorted(c for c in known if not known[c].gazetteer)[:12])} …"
        )
    wanted = [*_ancestors(known, code), code, *_below(known, code)]
    return _create(manifest, known, wanted)


def open_with_modules(
    registry: Registry, code: str, pack: str, first_day: date | None = None
) -> dict[str, Any]:
    """Open a region and turn on the modules its pack needs from a day (default: the pack's first); the caller commits."""
    made = open_region(registry, code, pack)
    manifest = pack_of(registry, pack)
    region = manifest.region
    day = first_day or (region.in_force[0] if region and region.in_force else scopes.current().on_date)
    node = atlas().find(code)
    for needed in (name for need in manifest.depends for name in registry.closure(need)):
        if not activation.answer(needed, node.no, day).on:
            activation.switch(needed, node.no, on=True, first_day=day, reason=f"opened from {pack}")
    steps = checklist(registry, node)
    progress = {"done": sum(step.done is True for step in steps), "steps": len(steps)}
    return {"region": code, "pack": pack, "created": made, "checklist": progress}


def open_places(registry: Registry, codes: set[str]) -> list[str]:
    """Create regions a register file speaks of and some pack knows, with their missing ancestors; those that only a
    gazetteer lists follow no pack's rules."""
    require("core.region.create")
    made: list[str] = []
    for manifest in registry.packs():
        known = entries(manifest.path)
        wanted = dict.fromkeys(
            step for code in sorted(codes) if code in known for step in (*_ancestors(known, code), code)
        )
        made += _create(manifest, known, list(wanted))
    return made


def knows(registry: Registry, code: str) -> bool:
    """Tell whether any pack could open this region."""
    return any(code in entries(manifest.path) for manifest in registry.packs())


def _create(manifest: Manifest, known: dict[str, Entry], wanted: list[str]) -> list[str]:
    assert manifest.region is not None
    codes = {*wanted, *(known[code].parent for code in wanted)}
    there = {
        region.code: region
        for region in db.session.scalars(sa.select(tree.Region).where(tree.Region.code.in_(codes)))
    }
    made: list[str] = []
    for code in wanted:
        if code in there:
            continue
        entry = known[code]
        owned = entry.level != "country" and not entry.gazetteer
        there[code] = tree.create(
            code, level=entry.level, names=entry.names, parent=there[entry.parent] if entry.parent else None,
            pack=manifest.name if owned else None, timezone=manifest.region.timezone,
            currency=manifest.region.currency, languages=list(manifest.region.languages), facts=entry.facts,
            first_day=entry.first_day, last_day=entry.last_day,
        )  # fmt: skip
        made.append(code)
    renew()
    return made


def _ancestors(known: dict[str, Entry], code: str) -> list[str]:
    found: list[str] = []
    parent = known[code].parent
    while parent:
        found.append(parent)
        parent = known[parent].parent if parent in known else None
    return found[::-1]


def _below(known: dict[str, Entry], code: str) -> list[str]:
    found: list[str] = []
    for entry in known.values():
        if not entry.gazetteer and (entry.parent == code or entry.parent in found):
            found.append(entry.code)
    return found
