"""How plainly texts speak: the length of their sentences, which a machine can count; whether they are kind, people judge.

Guides for public offices advise at most 20 words on average and none above 25 (Korean words hold their particles, so
fewer of them say as much).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.pofile import read_po

from core.web.catalogues import Problem, texts, units
from core.web.i18n.catalogue import PO
from core.web.i18n.spoken import SOURCE

#: Words of the longest sentence, by language.
MOST = {"ko": 20}
MOST_ELSEWHERE = 25
_END = re.compile(r"(?<=[.!?…:;])\s+|\n+")


def longest(text: str) -> int:
    """Words of the longest sentence of a text."""
    return max(len(sentence.split()) for sentence in _END.split(text))


def hard(root: Path, languages: Sequence[str]) -> list[Problem]:
    """Texts with a sentence longer than a reader in a hurry follows."""
    return [
        Problem(path, text, f"a sentence of {longest(text)} words")
        for unit in units(root)
        for language in languages
        for path, text in _spoken(unit, root, language)
        if longest(text) > MOST.get(language, MOST_ELSEWHERE)
    ]


def _spoken(unit: Path, root: Path, language: str) -> Iterator[tuple[Path, str]]:
    path = unit / "translations" / language / PO
    if language == SOURCE:
        for message in texts(unit, root):
            yield from ((unit.relative_to(root), form) for form in _forms(message.id) if form)
    elif path.exists():
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                yield from ((path.relative_to(root), form) for form in _forms(message.string) if message.id and form)


def _forms(text: str | Sequence[str] | None) -> Sequence[str]:
    return [text] if isinstance(text, str) else text or ()
