"""Arrows point down: the import contracts of pyproject.toml hold (needs the development tools)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

from core.checks.finding import Result
from core.host.running import Running


def arrows(here: Running) -> Result:
    """Architecture check 5, by import-linter; passed over where the development tools are not installed."""
    bad: list[str] = []
    if importlib.util.find_spec("importlinter") and (here.root / "pyproject.toml").exists():
        done = subprocess.run(
            [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
            cwd=here.root, env={**os.environ, "PYTHONPATH": str(here.root)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            bad = [
                line
                for line in done.stdout.splitlines()
                if "->" in line or "BROKEN" in line or "Error" in line
            ][:40] or ["lint-imports failed"]
    return Result(
        "arrows",
        "Imports point down: plugins → modules → core.",
        "Move the code to the room it belongs to, or declare the dependency.",
        bad,
    )


CHECKS = (arrows,)
