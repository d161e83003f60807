"""The Python files of the modules as trees; one that cannot be read is a finding, not the end of the checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from core.checks.finding import Result
from core.host.manifest import Manifest
from core.host.running import Running


def trees(manifest: Manifest) -> Iterator[tuple[str, ast.Module]]:
    """(place in words, tree) of every file of a module that can be read."""
    for path in sorted(manifest.path.rglob("*.py")):
        tree = read(path)
        if isinstance(tree, ast.Module):
            yield str(path.relative_to(manifest.path.parent)), tree


def read(path: Path) -> ast.Module | str:
    """A file's tree, or what is wrong with it."""
    try:
        return ast.parse(path.read_bytes())
    except SyntaxError as error:
        return f"{path}:{error.lineno or 1}: {error.msg}"
    except ValueError as error:
        return f"{path}: {error}"


def readable(here: Running) -> Result:
    """Every Python file can be read, also those that are imported only when they are needed."""
    found = [read(path) for manifest in here.registry for path in sorted(manifest.path.rglob("*.py"))]
    return Result(
        "readable",
        "Every Python file of the modules can be read.",
        "Correct that line; the file must be UTF-8.",
        [problem for problem in found if isinstance(problem, str)],
    )


CHECKS = (readable,)
