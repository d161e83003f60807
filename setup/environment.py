"""The virtual environment: the locked packages, each proved by its hash, and this checkout as `dolbom`."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys

from setup import ROOT, system
from setup.command import announce, run
from setup.errors import CommandFailed

VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
UV = VENV / "bin/uv"
STAMP = VENV / "dolbom-setup.json"

UV_LOCK = "requirements-uv.txt"
BUILD_LOCK = "requirements-build.txt"
INPUTS = (UV_LOCK, BUILD_LOCK, "pyproject.toml", "setup/environment.py")
RUNTIME = "requirements.txt"
TOOLS = "requirements-dev.txt"  # contains RUNTIME whole


def ensure(*, tools: bool) -> None:
    """Bring the environment to the lock; once the tools are in, they stay."""
    before = _stamp()
    lock = TOOLS if tools or before.get("lock") == TOOLS else RUNTIME
    after = {"lock": lock, "root": str(ROOT), "uv": _digest(UV_LOCK), "all": _digest(lock, *INPUTS)}
    if before == after and PYTHON.exists():
        return
    STAMP.unlink(missing_ok=True)
    if not PYTHON.exists() or before.get("root", after["root"]) != after["root"]:  # scripts name their folder
        _create()
    announce(f"Python packages of {lock}")
    if not UV.exists() or before.get("uv") != after["uv"]:
        quiet = ("--quiet", "--disable-pip-version-check", "--require-hashes")
        run([PYTHON, "-m", "pip", "install", *quiet, "-r", UV_LOCK])
    _install(lock)
    run([UV, "pip", "install", "--quiet", "--python", PYTHON, "--no-deps", "--no-build-isolation", "-e", "."])
    STAMP.write_text(json.dumps(after), "utf-8")


def _stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def _digest(*names: str) -> str:
    return hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in names)).hexdigest()


def _create() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        system.ensure([system.VENV])
    announce(f"virtual environment, Python {sys.version.split()[0]}")
    run([sys.executable, "-m", "venv", "--clear", VENV])


def _install(lock: str) -> None:
    """Let uv do it (4 s against pip's 31); it is told of a mirror that only pip's own settings name."""
    found = os.environ.get("PIP_INDEX_URL") or _pip_setting("global.index-url")
    env = {"UV_DEFAULT_INDEX": found} if found and "UV_DEFAULT_INDEX" not in os.environ else {}
    proved = ("--require-hashes", "--build-constraints", BUILD_LOCK)
    wheels = ("--only-binary", ":all:", "--no-binary", "flask-principal")  # that one is published as source
    command = (UV, "pip", "sync", "--quiet", "--compile-bytecode", "--python", PYTHON)
    run([*command, *proved, *wheels, lock], env=env)


def _pip_setting(name: str) -> str:
    try:
        return run([PYTHON, "-m", "pip", "config", "get", name], show=False).strip()
    except CommandFailed:
        return ""
