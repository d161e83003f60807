"""Keeps modules apart: they import declared modules' `api` and `events`, and of core only its sdk.

import-linter's own `protected` type cannot say "everybody but the package itself", hence one of our own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

DOORS = ("api", "events")
HOMES = ("modules", "plugins")


class ManifestContract(Contract):
    """`type = "manifest"` in pyproject.toml; `core` lists what modules may import of core."""

    core = fields.ListField(subfield=fields.StringField())
    root = fields.StringField(default=".")

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every direct import of every file in modules/ and plugins/."""
        root = Path(str(self.root))
        broken = [
            f"{importer} -> {imported} (line {_line(graph, importer, imported)}): {reason}"
            for importer in sorted(graph.modules)
            if importer.startswith(tuple(f"{home}." for home in HOMES))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if (reason := self._refusal(root, importer.split("."), imported.split(".")))
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line a forbidden import, with what to do instead."""
        for line in check.metadata["broken"]:
            output.print_error(line)

    def _refusal(self, root: Path, importer: list[str], imported: list[str]) -> str | None:
        if imported[0] == "core":
            allowed = ".".join(imported[:2]) in set(map(str, self.core))  # type: ignore[call-overload]
            return None if allowed else "import it from core.sdk; if it is missing there, add it there"
        if imported[0] not in HOMES or imported[:2] == importer[:2]:
            return None
        if len(imported) < 3 or imported[2] not in DOORS:
            return f"only {' and '.join(DOORS)} of another module are open; offer it in {imported[1]}/api.py"
        if imported[1] not in declared(root.joinpath(*importer[:2], "module.toml")):
            return f"add {imported[1]} to depends or uses in {'/'.join(importer[:2])}/module.toml"
        return None


def declared(manifest: Path) -> set[str]:
    """Names of the modules a manifest depends on or uses; nothing when there is no manifest."""
    if not manifest.exists():
        return set()
    content = tomllib.loads(manifest.read_text("utf-8"))
    return {*content.get("depends", ()), *content.get("uses", ())}


def _line(graph: ImportGraph, importer: str, imported: str) -> int:
    details: Iterator[int] = (
        found["line_number"] for found in graph.get_import_details(importer=importer, imported=imported)
    )
    return min(details, default=0)
