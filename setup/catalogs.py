"""Compiles the language catalogs (.po, kept in the repository) to what gettext reads (.mo, not kept)."""

from __future__ import annotations

import sys
from pathlib import Path

from setup import ROOT
from setup.command import announce, run

HOMES = ("core", "modules", "plugins")


def stale(root: Path = ROOT) -> list[Path]:
    """Catalogs without a compiled file, or with one older than themselves."""
    catalogs = (path for home in HOMES for path in (root / home).glob("**/LC_MESSAGES/*.po"))
    return sorted(path for path in catalogs if _time(path.with_suffix(".mo")) <= _time(path))


def ensure(root: Path = ROOT) -> None:
    """Compile what changed."""
    catalogs = stale(root)
    if catalogs:
        announce(f"language catalogs ({len(catalogs)})")
        run([ROOT / ".venv/bin/python", "-m", "setup.catalogs", *catalogs])


def compile_all(catalogs: list[Path]) -> None:
    """Compile in one process, inside the environment; a fuzzy translation is no translation."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for catalog in catalogs:
        with catalog.open("rb") as source, catalog.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))


def _time(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


if __name__ == "__main__":
    compile_all([Path(word) for word in sys.argv[1:]])
