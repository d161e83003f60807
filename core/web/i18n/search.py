"""Texts as the search sees them, and questions as LIKE patterns: lodz finds Łódź, ㄱㅁㅅ finds 김민수.

Store `search_key(name)` and `initials_key(name)` in one text column with a trigram index, joined by spaces.
Hangul is spelled in letters: syllables make too few trigrams, and a half-typed one must match too (F-15).
Initials use other code points (U+1100…) than spelled letters, so one column holds both without false finds.
"""

from __future__ import annotations

import re
from functools import cache

from core.web.i18n.letters import JOINED, LEADS, composed, is_mark, is_syllable, parts, plain

#: 02-123-4567 and (02)1234567 are the same number; the blank of «2 3» stays.
_INSIDE_NUMBER = re.compile(r"(?<=\d)[-–./()]+(?=\d)")
_INITIAL = {lead: chr(0x1100 + place) for place, lead in enumerate(LEADS)}
_LONE = LEADS + "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ"
_RUNS = re.compile(f"[{_LONE}]+|[^{_LONE}]+")


def search_key(text: str) -> str:
    """The words of a text folded: case, accents, width and punctuation gone, Hangul spelled in letters."""
    return " ".join("".join(map(_spelled, word)) for word in _words(text))


def initials_key(text: str) -> str:
    """The initial consonants of the Hangul words, each word with a blank before it; empty without Hangul."""
    found = re.findall(r"[가-힣]+", composed(text))
    return "".join(" " + "".join(_INITIAL[parts(syllable)[0]] for syllable in word) for word in found)


def search_patterns(query: str) -> list[str]:
    """One LIKE pattern for each word of a question; all must match. No word, no pattern."""
    return [pattern for word in _words(query) for pattern in _patterns(word)]


def search_pattern(query: str) -> str:
    """One LIKE pattern for the whole question, its words in this order."""
    return "%" + "".join(pattern[1:] for pattern in search_patterns(query))


def _patterns(word: str) -> list[str]:
    """Consonants alone ask for initials; one after other letters belongs to a syllable being typed."""
    found, spelled = [], ""
    for run in _RUNS.findall(word):
        letters = "".join(JOINED.get(letter, letter) for letter in run)
        if letters[0] in _INITIAL and not (spelled and len(letters) == 1):
            # Two open ends and two letters give no trigram: short ones are looked for where a word begins.
            start = "% " if len(letters) < 3 else "%"
            found.append(start + "".join(map(_INITIAL.__getitem__, letters)) + "%")
        else:
            spelled += "".join(map(_spelled, letters))
    return [f"%{spelled}%", *found] if spelled else found


def _words(text: str) -> list[str]:
    joined = _INSIDE_NUMBER.sub("", composed(text))
    return "".join(letter if letter.isalnum() or is_mark(letter) else " " for letter in joined).split()


@cache
def _spelled(letter: str) -> str:
    """A letter as it is typed, stroke by stroke, so that a syllable not yet finished is found too."""
    strokes = parts(letter) if is_syllable(letter) else plain(letter)
    return "".join(JOINED.get(stroke, stroke) for stroke in strokes)
