"""Turning cells into numbers, days and clean text; each raises Unreadable for what it cannot be."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

#: The counts a register is full of, ready made.
SMALL: Final = {str(number): number for number in range(2_000)}
_WHOLE: Final = re.compile(r"(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.0+)?", re.ASCII)
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3}){1,2}(?:\.\d{1,9})?", re.ASCII)
_DECIMAL: Final = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)
_DEGREES: Final = re.compile(r"-?\d{1,3}(?:\.\d{1,17})?", re.ASCII)
_DAY: Final = re.compile(
    r"(?P<y>\d{4})([-./]?)(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?:[ T]\d{1,2}:\d{2}.*)?"
    r"|(?P<d2>\d{1,2})[.](?P<m2>\d{1,2})[.](?P<y2>\d{4})",
    re.ASCII,
)
#: An address needs no dot to be one ("name@navercom"), but "@" is also how Seoul writes "apartment block".
_EMAIL: Final = re.compile(
    r"[\w.+-]{1,64}@\s?[\w-]+(?:\.[\w-]+)+|[a-z0-9._%+-]{1,64}@\s?[a-z][\w-]*(?:[.,][\w-]+)*",
    re.IGNORECASE | re.ASCII,
)

_NO_LETTERS: Final = re.compile(r"[\W_]+")


class Unreadable(ValueError):
    """A cell that cannot be what its column is for."""


def whole(text: str) -> int:
    """A count: 12, 1,200, 12.0; at most nine digits."""
    small = SMALL.get(text)
    if small is not None:
        return small
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise Unreadable(text)
    return int(found[1].replace(",", ""))


def decimal(text: str) -> Decimal:
    """A quantity: 12, 12.5, 12,5, 1,234.5; a comma before exactly three digits separates thousands."""
    if _GROUPED.fullmatch(text) is not None:
        return Decimal(text.replace(",", ""))
    if _DECIMAL.fullmatch(text) is None:
        raise Unreadable(text)
    return Decimal(text.replace(",", "."))


def degrees(text: str) -> float:
    """A latitude or longitude."""
    if _DEGREES.fullmatch(text) is None:
        raise Unreadable(text)
    return float(text)


@lru_cache(maxsize=8_192)
def day(text: str) -> date:
    """A day: 2026-07-21, 2026.7.21, 20260721, 21.07.2026, a time behind it ignored; years 1800 to 2100."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise Unreadable(text)
    year = int(found["y"] or found["y2"])
    if not 1800 <= year <= 2100:
        raise Unreadable(text)
    try:
        return date(year, int(found["m"] or found["m2"]), int(found["d"] or found["d2"]))
    except ValueError as error:
        raise Unreadable(text) from error


def clean(text: str) -> str:
    """Text as it should be kept: composed letters, single spaces, nothing invisible."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text
    if not text.isprintable():
        text = "".join(
            " " if letter.isspace() else letter
            for letter in text
            if letter.isspace() or unicodedata.category(letter)[0] != "C"
        )
    elif "  " not in text and unicodedata.is_normalized("NFC", text):
        return text
    return " ".join(unicodedata.normalize("NFC", text).split())


def without_emails(text: str) -> str:
    """`text` with e-mail addresses taken out; the same object when there is none."""
    if "@" not in text:
        return text
    found = _EMAIL.sub("", text)
    return text if found == text else " ".join(found.split())


def name_key(name: str) -> str:
    """A name for comparing: letters and digits only, case and spacing gone."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFC", name).casefold())
