"""What only the operating system can give: installed where we are root on Debian, else named in one line."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from setup.command import announce, run
from setup.errors import CommandFailed, SystemPackagesMissing


@dataclass(frozen=True)
class Need:
    """One thing we need, the Debian packages that bring it, and how to see that it is there."""

    name: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


def _library(*names: str) -> bool:
    try:
        for name in names:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _command(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


def _korean_font() -> bool:
    if shutil.which("fc-list"):
        shown = subprocess.run(["fc-list", ":lang=ko", "family"], capture_output=True, check=False)
        return bool(shown.stdout.strip())
    return any(Path("/usr/share/fonts").glob("**/Noto*CJK*"))


_version = f"python{sys.version_info.major}.{sys.version_info.minor}"

VENV = Need("venv", (f"{_version}-venv",), lambda: importlib.util.find_spec("ensurepip") is not None)
PDF = Need(
    "pdf",
    ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    lambda: _library("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
)
CHROMIUM = Need("chromium", ("chromium",), lambda: _command("chromium", "chromium-browser", "google-chrome"))
KOREAN = Need("korean-font", ("fonts-noto-cjk", "fontconfig"), _korean_font)
CALC = Need("calc", ("libreoffice-calc",), lambda: _command("localc"))
PDFTOTEXT = Need("pdftotext", ("poppler-utils",), lambda: _command("pdftotext"))
GO = Need(
    "go", ("golang-go", "golang-golang-x-mod-dev"),
    lambda: _command("go") and Path("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir(),
)  # fmt: skip

RUNTIME = (PDF,)
TESTS = (PDF, CHROMIUM, KOREAN, CALC, PDFTOTEXT, GO)
BY_NAME = {need.name: need for need in TESTS}


def missing(needs: Iterable[Need]) -> list[Need]:
    """Those of `needs` this machine lacks."""
    return [need for need in needs if not need.present()]


def advice(needs: Iterable[Need]) -> str:
    """The one line that names what is missing and the command that brings it."""
    lacking = list(needs)
    packages = " ".join(package for need in lacking for package in need.packages)
    names = ", ".join(need.name for need in lacking)
    return f"missing on this machine: {names}; as root: apt-get install --no-install-recommends {packages}"


def ensure(needs: Iterable[Need]) -> None:
    """Install what is missing, or say how; tests that need it skip, `make run` goes on."""
    lacking = missing(needs)
    if not lacking:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [package for need in lacking for package in need.packages]
        announce(f"system packages {' '.join(packages)}")
        env = {"DEBIAN_FRONTEND": "noninteractive"}
        wait = "DPkg::Lock::Timeout=300"
        try:
            run(["apt-get", "-o", wait, "-qq", "update"], env=env)
            run(
                ["apt-get", "-o", wait, "-qq", "install", "-y", "--no-install-recommends", *packages], env=env
            )
        except CommandFailed as failure:
            announce(str(failure))
        lacking = missing(lacking)
    if lacking and (os.environ.get("DOLBOM_NO_SKIP") or VENV in lacking):
        raise SystemPackagesMissing(advice(lacking))
    if lacking:
        announce(advice(lacking))
