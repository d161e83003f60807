"""Demonstration registers of a pack: the same importer as for real files, told by the pack's demo.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from modules.facilities.services.importing import import_register


def load(region_code: str, folder: Path) -> None:
    """Import the files the pack's demo.toml names, in order; loading again changes nothing."""
    plan = tomllib.loads((folder / "demo.toml").read_text(encoding="utf-8"))
    for entry in plan.get("import", ()):
        mapping = folder / entry["mapping"] if entry.get("mapping") else None
        import_register(
            folder / entry["file"], entry["layout"], entry.get("region", region_code), mapping=mapping
        )
