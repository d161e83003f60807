"""A module keeps to its own tables: it points only at tables it declared, and meets others at their open doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import sqlalchemy as sa

from core.checks.finding import Result
from core.checks.models import mapped
from core.checks.source import trees
from core.db.base import FOREIGN_PACKAGES
from core.host.manifest import Manifest
from core.host.running import Running

_DOORS = ("api", "events")
_OURS = ("modules", "plugins")


def foreign_tables(here: Running) -> Result:
    """No foreign key into a module that is not needed, no import of another's tables.

    Imports of our own tree are import-linter's business (`arrows`); a package from elsewhere is looked at here.
    """
    bad = [text for cls in mapped(here) for text in _keys(here, cls.__table__)]
    for manifest in here.registry:
        if manifest.package.split(".")[0] not in _OURS:
            bad += _imports(manifest)
    return Result(
        "foreign-tables",
        "Every module keeps to its own tables and to the doors of those it declared.",
        "Name the other module under depends in module.toml, ask its api for what you need, take the rest from core.sdk, "
        "and keep what you add to its records in an extension table of your own (extension.Extends).",
        bad,
    )


def _keys(here: Running, table: sa.Table) -> list[str]:
    own = str(table.schema)
    known = here.registry.modules.get(own)
    lawful = {own, "core", *(known.depends if known else ())}
    targets = {key.target_fullname for key in table.foreign_keys}
    return [
        f"{table.fullname} points at {target}, but {own} does not depend on {target.split('.')[0]}"
        for target in sorted(targets)
        if target.split(".")[0] not in lawful
    ]


def _imports(manifest: Manifest) -> Iterator[str]:
    for place, tree in trees(manifest):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name in _named(node):
                    if reason := _refusal(manifest, name.split(".")):
                        yield f"{place}:{node.lineno} imports {name}: {reason}"


def _named(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [] if node.level else [f"{node.module}.{alias.name}" for alias in node.names]


def _refusal(manifest: Manifest, name: list[str]) -> str | None:
    if name[0] == "core":
        return None if name[1:2] == ["sdk"] else "of core only core.sdk is open"
    if name[0] in _OURS and len(name) > 1:
        owner, door = name[1], name[2:3]
    elif name[0] in FOREIGN_PACKAGES:
        owner, door = FOREIGN_PACKAGES[name[0]], name[1:2]
    else:
        return None
    if owner == manifest.name:
        return None
    if door and door[0] not in _DOORS:
        return f"only {' and '.join(_DOORS)} of {owner} are open"
    return None if owner in {*manifest.depends, *manifest.uses} else f"{manifest.name} does not depend on {owner}"


CHECKS = (foreign_tables,)
