"""A second set-up only looks; a changed lock or catalog is noticed; a refusal has an id."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from setup import ROOT, __main__, catalogs, environment
from setup.errors import CommandFailed

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Child"\nmsgstr "Dziecko"\n'


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    monkeypatch.setattr(environment, "run", lambda command, **_: seen.append(Path(command[0]).name) or "")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp.json")
    return seen


def test_the_second_time_no_tool_is_called(called: list[str]) -> None:
    environment.ensure(tools=True)
    assert "uv" in called
    called.clear()
    environment.ensure(tools=True)
    assert called == []


def test_tools_once_installed_stay_for_a_plain_run(called: list[str]) -> None:
    environment.ensure(tools=True)
    called.clear()
    environment.ensure(tools=False)
    assert called == []


def test_an_interrupted_set_up_begins_again(called: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(lock: str) -> None:
        raise CommandFailed("uv ended with 1")

    environment.ensure(tools=True)
    with monkeypatch.context() as broken:
        broken.setattr(environment, "_digest", lambda *names: "a new lock")
        broken.setattr(environment, "_install", fail)
        with pytest.raises(CommandFailed):
            environment.ensure(tools=True)
    called.clear()
    environment.ensure(tools=True)
    assert "uv" in called


def test_a_catalog_is_compiled_once_for_each_change(tmp_path: Path) -> None:
    catalog = tmp_path / "modules/x/translations/pl/LC_MESSAGES/messages.po"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(PO, "utf-8")
    assert catalogs.stale(tmp_path) == [catalog]
    catalogs.ensure(tmp_path)
    assert b"Dziecko" in catalog.with_suffix(".mo").read_bytes()
    assert catalogs.stale(tmp_path) == []
    later = catalog.with_suffix(".mo").stat().st_mtime + 1
    os.utime(catalog, (later, later))
    assert catalogs.stale(tmp_path) == [catalog]


def test_a_refusal_is_one_line_with_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(level: str) -> None:
        raise CommandFailed("npm ended with 7; mend that")

    monkeypatch.setattr(__main__, "ROOT", tmp_path)
    monkeypatch.setattr(__main__, "bring_up", fail)
    assert __main__.main(["run"]) == 1
    assert capsys.readouterr().err == "error [setup.command-failed]: npm ended with 7; mend that\n"


def test_a_checkout_of_another_user_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(level: str) -> None:
        raise PermissionError(13, "Permission denied", "/opt/dolbom/.venv/stamp.json")

    monkeypatch.setattr(__main__, "ROOT", tmp_path)
    monkeypatch.setattr(__main__, "bring_up", fail)
    assert __main__.main(["run"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error [setup.not-writable]: /opt/dolbom/.venv/stamp.json may not be written by this user")
    assert "set up as the one who owns it" in line


def test_an_unknown_word_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["everything"]) == 2
    assert "usage: python3 -m setup" in capsys.readouterr().err


def test_set_up_needs_nothing_that_set_up_installs() -> None:
    """Every file that `make` runs first imports the standard library only (setup.needs is pytest's)."""
    for path in (ROOT / "setup").glob("*.py"):
        if path.name != "needs.py":
            imports = [
                line.split()[1]
                for line in path.read_text().splitlines()
                if line.startswith(("import ", "from "))
            ]
            assert {name.partition(".")[0] for name in imports} <= {*sys.stdlib_module_names, "setup"}, (
                path.name
            )
