"""What a back-office form asked for: numbers, days and places as they were posted, or a refusal that says how to write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from flask import request

from core.errors import NotFound, Refusal
from core.host import hooks
from core.regions.atlas import atlas
from core.text import _

#: Numbers of records are 64 bits wide; a longer one names nothing.
_WIDEST = 2**63


class NoDay(Refusal):
    """A field that wants a day held something else."""

    code: ClassVar[str] = "form.no-day"
    http: ClassVar[int] = 422


class NoPlace(Refusal):
    """A field that wants a place held something that is none here."""

    code: ClassVar[str] = "form.no-place"
    http: ClassVar[int] = 422


def number(text: str | None) -> int:
    """The number of a record in an address or a field; anything else is not there."""
    plain = (text or "").strip()
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 19 or int(plain) >= _WIDEST:
        raise NotFound(_("There is no such record here: load the list again and choose anew."))
    return int(plain)


def numbers(texts: Iterable[str]) -> list[int]:
    """The chosen rows of a list."""
    return [number(text) for text in texts]


def day(name: str) -> date | None:
    """The day in a field, None when it was left empty."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NoDay(_("%(text)s is no day: write it as 2026-03-02.", text=text)) from None


def reason() -> str:
    """The reason in the form; the services refuse an empty one."""
    return request.form.get("reason", "").strip()


def place(name: str = "place") -> int:
    """The number behind a region's code or a facility's short code, of those one may know about."""
    reference = request.form.get(name, "").strip()
    node = atlas().by_code.get(reference)
    answers = [] if node is not None or not reference else hooks.ask("facility_number", reference=reference)
    found = node.no if node is not None else next((no for no in answers if no is not None), None)
    if found is None:
        raise NoPlace(
            _(
                "There is no place “%(text)s” here: write a region's code or a centre's short code.",
                text=reference,
            )
        )
    return found
