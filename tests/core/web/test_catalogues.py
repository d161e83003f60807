"""Texts in all languages: what a check of the catalogues finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.web import catalogues

PO = 'msgid ""\nmsgstr "Language: ko\\nContent-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Children"\nmsgstr "{}"\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A product of two modules that both say «Children»."""
    for name in ("one", "two"):
        folder = tmp_path / "modules" / name
        (folder / "translations" / "ko" / "LC_MESSAGES").mkdir(parents=True)
        (folder / "module.toml").write_text(f'name = "{name}"\n')
        (folder / "words.py").write_text('WORD = _("Children")\n')
    (tmp_path / "core").mkdir()
    return tmp_path


def write(tree: Path, name: str, word: str) -> None:
    (tree / "modules" / name / "translations" / "ko" / catalogues.PO).write_text(PO.format(word), encoding="utf-8")


def test_two_modules_that_say_one_text_in_two_ways_are_found(tree: Path) -> None:
    write(tree, "one", "아동 수")
    write(tree, "two", "아동")
    found = [problem for problem in catalogues.problems(tree, ("en", "ko")) if "otherwise" in problem.matter]
    assert [(problem.path.parts[1], problem.text) for problem in found] == [("two", "Children")]


def test_two_modules_may_say_one_text_in_one_way(tree: Path) -> None:
    write(tree, "one", "아동")
    write(tree, "two", "아동")
    assert not [problem for problem in catalogues.problems(tree, ("en", "ko")) if "otherwise" in problem.matter]
