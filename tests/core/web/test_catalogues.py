"""Texts in all languages: what a check of the catalogues finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import ROOT
from core.web import catalogues, plainness

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


@pytest.mark.rule("F-58")
def test_every_text_is_said_in_korean_polish_and_english() -> None:
    """All of the product's own, in every language; the tests above show that a lack is found."""
    assert catalogues.LANGUAGES == ("ko", "pl")
    assert [str(problem) for problem in catalogues.problems(ROOT)] == []


@pytest.mark.rule("F-58")
def test_texts_are_plain(tree: Path) -> None:
    """No sentence of the product is long, and a long one is found, in the code and in a translation."""
    assert [str(problem) for problem in plainness.hard(ROOT, ("en", "ko", "pl"))] == []
    write(tree, "one", "아동 " * 21)
    (tree / "modules" / "two" / "words.py").write_text(f'WORD = _("{"word " * 26}")\nSHORT = _("{"word. " * 26}")\n')
    found = plainness.hard(tree, ("en", "ko"))
    assert [(problem.path.parts[1], problem.matter) for problem in found] == [
        ("one", "a sentence of 21 words"), ("two", "a sentence of 26 words"),
    ]  # fmt: skip
