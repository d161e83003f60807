"""`make lock`: resolves versions and writes every digest, without the address of any package index."""

from __future__ import annotations

import json

from setup import ROOT, assets
from setup.command import announce, run
from setup.environment import UV
from setup.npm import npm

#: what → lock file; a later one may not contradict an earlier one it builds on
PYTHON_LOCKS = (
    ("runtime.in", "requirements.txt", ()),
    ("dev.in", "requirements-dev.txt", ("--constraint", "requirements.txt")),
    ("build.in", "requirements-build.txt", ()),
    ("uv.in", "requirements-uv.txt", ()),
    ("node.in", "requirements-node.txt", ()),
)
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header")


def write(*, upgrade: bool = False) -> None:
    """Lock Python packages, npm packages and the digests of vendor.toml."""
    extra = ("--upgrade",) if upgrade else ()
    for wanted, lock, constraint in PYTHON_LOCKS:
        announce(lock)
        options = (*OPTIONS, *extra, *constraint, "--no-emit-index-url", "--no-emit-find-links")
        run([UV, "pip", "compile", "--quiet", *options, f"requirements/{wanted}", "--output-file", lock])
    announce("package-lock.json and vendor.toml")
    with npm() as (command, path):
        run([*command, "install", "--package-lock-only", "--loglevel=error"], env={"PATH": path})
        _drop_addresses()
        assets.rehash(command, path)


def _drop_addresses() -> None:
    """npm copies its authors' donation pages into the lock; nobody needs them there."""
    path = ROOT / "package-lock.json"
    lock = json.loads(path.read_text("utf-8"))
    for entry in lock["packages"].values():
        entry.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", "utf-8")
