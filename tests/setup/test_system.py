"""What the operating system lacks is installed or named, never guessed around."""

from __future__ import annotations

import os
import shutil
from types import SimpleNamespace

import pytest

from setup import needs, system
from setup.errors import CommandFailed, SystemPackagesMissing

ABSENT = system.Need("abacus", ("abacus-common", "abacus-beads"), lambda: False)
COMMAND = "apt-get install --no-install-recommends abacus-common abacus-beads"
LINE = f"missing on this machine: abacus; as root: {COMMAND}"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    called: list[list[str]] = []
    monkeypatch.setattr(system, "run", lambda command, **_: called.append(command))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("DOLBOM_NO_SKIP", raising=False)
    return called


def test_a_plain_user_reads_the_one_command_and_goes_on(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    system.ensure([ABSENT])
    assert commands == []
    assert capsys.readouterr().err == f"set up: {LINE}\n"


def test_root_on_debian_gets_it_installed_after_one_update(commands: list[list[str]]) -> None:
    present = iter([False, True])
    system.ensure([system.Need("abacus", ("abacus-common",), lambda: next(present))])
    assert [command[-1] for command in commands] == ["update", "abacus-common"]


def test_nothing_is_called_when_nothing_lacks(commands: list[list[str]]) -> None:
    system.ensure([system.Need("abacus", ("abacus-common",), lambda: True)])
    assert commands == []


def test_a_failed_installation_still_ends_in_the_advice(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(command: list[str], **_: object) -> None:
        raise CommandFailed("apt-get ended with 100")

    monkeypatch.setattr(system, "run", fail)
    system.ensure([ABSENT])
    assert capsys.readouterr().err.endswith(f"apt-get ended with 100\nset up: {LINE}\n")


def test_where_no_skip_is_allowed_the_set_up_stops(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOLBOM_NO_SKIP", "1")
    with pytest.raises(SystemPackagesMissing, match="as root: apt-get install"):
        system.ensure([ABSENT])


def test_a_test_that_needs_the_missing_thing_skips_with_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(system.BY_NAME, "abacus", ABSENT)
    item = SimpleNamespace(
        iter_markers=lambda name: [SimpleNamespace(args=("abacus",))], get_closest_marker=lambda name: None
    )
    monkeypatch.delenv("DOLBOM_NO_SKIP", raising=False)
    with pytest.raises(pytest.skip.Exception, match="abacus-beads"):
        needs.pytest_runtest_setup(item)
    monkeypatch.setenv("DOLBOM_NO_SKIP", "1")
    with pytest.raises(pytest.fail.Exception, match="abacus-beads"):
        needs.pytest_runtest_setup(item)


def test_a_browser_test_needs_chromium_and_a_korean_font(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(system, "missing", lambda lacking: asked.extend(need.name for need in lacking) or [])
    item = SimpleNamespace(iter_markers=lambda name: [], get_closest_marker=lambda name: "browser")
    needs.pytest_runtest_setup(item)
    assert asked == ["chromium", "korean-font"]
