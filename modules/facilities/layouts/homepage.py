"""Telling a web address from the e-mail addresses, account names and remarks people type into its field."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from modules.facilities.layouts.values import Unreadable, without_emails

_NOTHING: Final = frozenset(
    {"", "-", ".", "x", "없음", "brak", "none", "http://", "https://", "http:", "www."}
)
_MOST: Final = 300
_ADDRESS: Final = re.compile(
    r"(?:https?://)?(?P<host>(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_])(?::\d{1,5})?(?P<path>[/?#]\S*)?",
    re.IGNORECASE,
)
#: An address of one of the great mail providers whose "@" was left out or became a dot.
_MAIL_HOST: Final = re.compile(
    r"(?:[\w.-]+)?hanmail\.net|[\w.-]*[\w-](?:naver|daum|nate|gmail)\.(?:com|net)", re.IGNORECASE
)


class EmailInstead(Unreadable):
    """Where a web address belongs, somebody typed an e-mail address."""


@lru_cache(maxsize=4_096)
def homepage(text: str) -> str | None:
    """The web address with its scheme, None where there is none.

    Raises EmailInstead for an e-mail address and Unreadable for whatever else must not be kept. An "@" is an
    e-mail address wherever it stands but in the path of a web address (youtube.com/@name).
    """
    if text.casefold() in _NOTHING:
        return None
    found = _ADDRESS.fullmatch(text) if len(text) <= _MOST else None
    if "@" in text and (found is None or without_emails(text) != text):
        raise EmailInstead
    if found is None:
        raise Unreadable
    if _MAIL_HOST.fullmatch(found["host"]):
        raise Unreadable
    return text if text[:4].casefold() == "http" and "://" in text else f"http://{text}"
