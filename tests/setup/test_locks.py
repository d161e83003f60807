"""The locks say everything about a package but where it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from setup import ROOT

LOCKS = sorted(ROOT.glob("requirements*.txt"))


def pins(path: Path) -> set[str]:
    return {line.rstrip(" \\") for line in path.read_text().splitlines() if re.match(r"[a-z0-9]", line)}


@pytest.mark.parametrize("path", [*LOCKS, ROOT / "package-lock.json"], ids=lambda path: path.name)
def test_no_address_stands_in_a_lock(path: Path) -> None:
    assert "://" not in path.read_text()


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_a_hash(path: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", path.read_text().strip())
    assert entries
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_tests_run_on_the_versions_the_server_runs_on() -> None:
    missing = pins(ROOT / "requirements.txt") - pins(ROOT / "requirements-dev.txt")
    assert missing == set()
