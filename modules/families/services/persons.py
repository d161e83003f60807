"""What is true of anybody's name, telephone and address as people type them."""

from __future__ import annotations

import re
from typing import ClassVar

from core.sdk import Refusal, _

MAX_NAME, MAX_TEXT = 100, 300
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,23}[0-9]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class BadPerson(Refusal):
    """A person's name or contact that cannot be one."""

    code: ClassVar[str] = "family.bad-person"
    http: ClassVar[int] = 422


def name(typed: str) -> str:
    """A name on one line. Raises `BadPerson` for none, for one beyond all names, and for one without a letter."""
    words = " ".join(typed.split())
    if not any(letter.isalpha() for letter in words):
        raise BadPerson(_("Enter the name as it stands in the papers."))
    if len(words) > MAX_NAME:
        raise BadPerson(_("A name has at most %(most)s characters here.", most=MAX_NAME))
    return words


def phone(typed: str) -> str:
    """A telephone number as typed, or nothing. Raises `BadPerson` for what cannot be one."""
    words = " ".join(typed.split())
    if words and not _PHONE.fullmatch(words):
        raise BadPerson(_("A telephone number has digits, e.g. 010-1234-5678 or +48 600 100 200."))
    return words


def email(typed: str) -> str:
    """An e-mail address, or nothing. Raises `BadPerson` for what cannot be one."""
    words = typed.strip()
    if words and (len(words) > MAX_TEXT or not _EMAIL.fullmatch(words)):
        raise BadPerson(_("An e-mail address looks like name@example.org."))
    return words


def text(typed: str) -> str:
    """A line of free text, or nothing."""
    words = " ".join(typed.split())
    if len(words) > MAX_TEXT:
        raise BadPerson(_("At most %(most)s characters fit here.", most=MAX_TEXT))
    return words
