"""Alphabetical order as people expect it, stored beside the text: PostgreSQL then sorts it under collation C.

Polish a ą b c ć … z ź ż; other accents after the plain letter; Hangul by syllable; «2» before «10» (F6).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby
from typing import Literal

from core.web.i18n.letters import composed, is_mark, is_syllable, plain

ALPHABET = "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż"
#: Where the alphabet's tokens begin: after digits, or after all Hangul (U+D7A3) when that comes first.
_START = {"latin": 0x41, "hangul": 0xE000}


def sort_key(text: str, first: Literal["latin", "hangul"] = "latin") -> str:
    """The key of `text`: comparing keys byte by byte compares the texts; `first` rules lists of both scripts.

    Capitals, accents foreign to Polish and punctuation decide only between texts otherwise equal.
    """
    words: list[str] = []
    for kind, run in groupby(composed(text), _kind):
        if kind == "digit":
            words.append(_number("".join(run)))
        elif kind == "letter":
            words.append("".join(_token(letter, first) for letter in run))
        else:
            words.append(" ")
    # 0x1F sorts before a space, so a shorter text comes before a longer one that begins alike.
    return "".join(words).strip() + "\x1f" + unicodedata.normalize("NFC", text).swapcase()


def _kind(letter: str) -> str:
    if letter.isdecimal():
        return "digit"
    return "letter" if letter.isalpha() or is_mark(letter) else "other"


def _number(digits: str) -> str:
    """Digits in front of them how many there are: 2 → 12, 10 → 210."""
    ascii_digits = "".join(str(int(digit)) for digit in digits).lstrip("0")
    return f"{min(len(ascii_digits), 9)}{ascii_digits}"


@cache
def _token(letter: str, first: str) -> str:
    if is_syllable(letter):
        return letter
    letters = letter if letter in ALPHABET else plain(letter)
    return "".join(chr(_START[first] + ALPHABET.find(part)) if part in ALPHABET else part for part in letters)
