"""Numbers that states give to persons (주민등록번호, PESEL): found in what people type, so that none is kept by mistake.

Nothing here needs them: a child is known by name and birthday, a guardian by contacts (개인정보 보호법 §24의2, RODO art. 87).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.kr import rrn
from stdnum.pl import pesel

#: Six and seven digits, as Korea writes them; since 2020 the last six are drawn by lot, so only the birthday can be checked.
_KOREA = re.compile(r"(?<![0-9A-Za-z])\d{6}\s?[-‐–—]?\s?[1-8]\d{6}(?![0-9A-Za-z])")
_POLAND = re.compile(r"(?<![0-9A-Za-z])\d{11}(?![0-9A-Za-z])")


def stand_in(text: str) -> bool:
    """Tell whether a text holds a national number of a person."""
    plain = unicodedata.normalize("NFKC", text)  # digits of full width are digits
    return any(_born(found) is not None for found in _KOREA.findall(plain)) or any(
        pesel.is_valid(found) for found in _POLAND.findall(plain)
    )


def _born(number: str) -> date | None:
    try:
        born: date = rrn.get_birth_date(re.sub(r"\D", "", number))
    except ValidationError:
        return None
    return born
