"""What is true of anybody's name, telephone and address as people type them."""

from __future__ import annotations

from typing import ClassVar

from core.sdk import Refusal, _, addresses

MAX_NAME, MAX_TEXT = 100, 300


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


def phone(typed: str, region_no: int) -> str:
    """A telephone number as typed, or nothing; one without a country's code is read by the plan of the region's country.

    Raises `BadPerson` for what is no number anybody can have (S1-233).
    """
    words = " ".join(typed.split())
    if words and _channel(words, region_no) != "phone":
        raise BadPerson(
            _("Nobody can have this telephone number. Write it like 010-1234-5678, or with the country's code, +48 600 100 200.")
        )
    return words


def email(typed: str) -> str:
    """An e-mail address, or nothing. Raises `BadPerson` for what cannot be one."""
    words = typed.strip()
    if words and _channel(words) != "email":
        raise BadPerson(_("An e-mail address looks like name@example.org."))
    return words


def _channel(words: str, region_no: int | None = None) -> str:
    """What was typed: `phone`, `email`, or "" for neither."""
    try:
        return addresses.read(words, addresses.countries(region_no) if region_no is not None else ()).channel
    except addresses.BadAddress:
        return ""


def text(typed: str) -> str:
    """A line of free text, or nothing."""
    words = " ".join(typed.split())
    if len(words) > MAX_TEXT:
        raise BadPerson(_("At most %(most)s characters fit here.", most=MAX_TEXT))
    return words
