"""Telling a telephone number from a slip of the keyboard; the numbering plan is asked only in doubt."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from modules.facilities.layouts.values import Unreadable

_MOST: Final = 40
#: What people type for "none".
_NOTHING: Final = frozenset({"", "-", "--", "---", ".", "0", "0-0-0", "없음", "brak"})
#: Area or service prefix, exchange, subscriber; what begins otherwise is left to the numbering plan.
_KR: Final = re.compile(r"0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|1[016789])-[2-9]\d{2,3}-\d{4}", re.ASCII)
#: A Korean number ends in a group of four: phonenumbers would move a digit over the dash to mend one.
_KR_GROUPS: Final = re.compile(r"\+?\d[\d() -]*[ )-]\d{4}|\+?\d{8,12}", re.ASCII)
_PL: Final = re.compile(r"(?:\+?48|0)?([1-9]\d{8})", re.ASCII)


def telephone(text: str, country: str) -> str | None:
    """A telephone or fax number as it should be shown, None where the register has none.

    Raises Unreadable for what cannot be a number: 02-0000-0000, -999-9999, an exchange that does not exist.
    """
    if len(text) > _MOST:
        raise Unreadable(text[:_MOST])
    if country == "KR":
        if _KR.fullmatch(text):
            return text
        if text not in _NOTHING and not _KR_GROUPS.fullmatch(text):
            raise Unreadable(text)
    if text in _NOTHING:
        return None
    if country == "PL":
        found = _PL.fullmatch(re.sub(r"[\s().-]", "", text))
        if found is not None and len(set(found[1])) > 1:
            return found[1]
    return _by_the_plan(text, country)


@lru_cache(maxsize=1_024)
def _by_the_plan(text: str, country: str) -> str:
    import phonenumbers  # here: most files never need its 5 MB of tables

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise Unreadable(text) from error
    if not phonenumbers.is_valid_number(number):
        raise Unreadable(text)
    form = phonenumbers.PhoneNumberFormat
    own = number.country_code == phonenumbers.country_code_for_region(country)
    return phonenumbers.format_number(number, form.NATIONAL if own else form.INTERNATIONAL)
