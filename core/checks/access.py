"""Every service asks first, every view has a permission somebody holds, every route is asked about."""

from __future__ import annotations

import ast
from pathlib import Path

from flask import current_app

from core.checks import source
from core.checks.finding import Result
from core.host.running import Running
from core.security import access


def services_ask(here: Running) -> Result:
    """Architecture check 2: each public verb of services begins with require(…)."""
    bad = []
    for manifest in here.registry:
        files = [manifest.path / "services.py", *sorted((manifest.path / "services").glob("*.py"))]
        for path in (path for path in files if path.exists()):
            bad += [f"{path.relative_to(manifest.path.parent)}:{line} {name}" for name, line in _silent(path)]
    return Result(
        "services-ask", "Every service that writes asks for a permission.",
        "Begin it with require('module.model.operation', at=place), or name it with a leading underscore if only services call it.", bad,
    )  # fmt: skip


def _silent(path: Path) -> list[tuple[str, int]]:
    """Public functions that write (they touch db.session) but never call require or allowed."""
    tree = source.read(path)
    found = []
    for node in tree.body if isinstance(tree, ast.Module) else ():
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
            writes = any(name.startswith(("db.session.", "bulk.")) for name in names)
            if (
                writes
                and not names & {"require", "allowed", "access.require"}
                and "internal" not in (ast.get_docstring(node) or "")
            ):
                found.append((node.name, node.lineno))
    return found


def permissions_held(here: Running) -> Result:
    """Every permission that views and services name stands in an access.csv."""
    bad = []
    for manifest in here.registry:
        for place, tree in source.trees(manifest):
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Call)
                    and ast.unparse(node.func) in ("require", "allowed")
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                    and node.args[0].value not in access.book.permissions
                ):
                    bad.append(f"{place}:{node.lineno} {node.args[0].value!s}")
    return Result(
        "permissions-held",
        "Every permission asked for is granted to somebody.",
        "Add a line to the module's access.csv, or correct the name.",
        bad,
    )


def safe_views(here: Running) -> Result:
    """Architecture check 8: every back-office view derives from the safe base."""
    from core.web.admin.guarded import Guarded

    site = current_app.extensions.get("dolbom_office")
    views = [] if site is None else [v for v in site._views if v is not site.index_view]
    bad = [f"{type(v).__module__}.{type(v).__name__}" for v in views if not isinstance(v, Guarded)]
    bad += [
        f"{v.endpoint}: nobody may read it"
        for v in views
        if isinstance(v, Guarded) and f"{v.permission}.read" not in access.book.permissions
    ]
    return Result(
        "safe-views",
        "Every back-office view is guarded.",
        "Derive it from SafeView or PageView and grant <permission>.read in access.csv.",
        bad,
    )


CHECKS = (services_ask, permissions_held, safe_views)
