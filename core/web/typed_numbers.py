"""No form may bring a person's national number: it is refused before anything reads it, wherever it was typed."""

from __future__ import annotations

from typing import ClassVar

from flask import Flask, request

from core.errors import Refusal
from core.security import national_numbers
from core.text import _


class NationalNumber(Refusal):
    """A national number of a person was typed into a field."""

    code: ClassVar[str] = "form.national-number"
    http: ClassVar[int] = 422


#: Where a passkey answers in the field `answer`: signed by a device, typed by nobody, and its digits are chance.
SIGNED = frozenset({"entering.passkey", "entering.step_passkey", "proving.passkey", "factors.add_passkey"})


def install(app: Flask) -> None:
    """Look at every form that is sent; what a file holds is the business of whoever reads it."""
    app.before_request(_look)


def _look() -> None:
    if request.method != "POST":
        return
    for name, values in request.form.lists():
        if name == "answer" and request.endpoint in SIGNED:
            continue
        if "password" not in name and any(national_numbers.stand_in(value) for value in values):
            raise NationalNumber(
                _("Nothing was saved: a field holds a national number (주민등록번호, PESEL). Go back and leave it out; it is not needed here.")
            )
