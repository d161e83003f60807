"""Reading what people type as an e-mail address or a telephone number, and showing it without giving it away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.text import _

Channel = Literal["email", "phone"]
#: Longer than any address that reaches somebody.
LONGEST = 200
_PHONE = re.compile(r"[+(\d][\d\s().\-/]{5,}")
#: The end of a number people give to say which telephone they mean.
ENDING = 4


class BadAddress(Refusal):
    """What was typed is neither an e-mail address nor a telephone number that can exist."""

    code: ClassVar[str] = "contact.bad-address"
    http: ClassVar[int] = 422


@dataclass(frozen=True)
class Address:
    """A way to a person: an e-mail address in small letters, or a number as +821012345678 (E.164)."""

    channel: Channel
    value: str

    @property
    def masked(self) -> str:
        """Enough for its owner to know it again: `a•••@example.org`, `•••5678`."""
        if self.channel == "phone":
            return f"•••{self.value[-ENDING:]}"
        name, _at, host = self.value.rpartition("@")
        return f"{name[:1]}•••@{host}"

    @property
    def shown(self) -> str:
        """As its owner reads it: a number in groups."""
        if self.channel == "email":
            return self.value
        import phonenumbers

        form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return str(phonenumbers.format_number(phonenumbers.parse(self.value), form))

    def ends_with(self, typed: str) -> bool:
        """Whether somebody meant this address: the last four digits or the number, or the whole e-mail address.

        It says which way to send something, and proves nothing.
        """
        if self.channel == "email":
            return typed.strip().lower() == self.value
        return len(digits(typed)) >= ENDING and self.value.endswith(digits(typed).lstrip("0") or "-")


def read(typed: str, countries: Sequence[str]) -> Address:
    """The address as it is kept, or `BadAddress`; a number without +country is read by the plans of `countries`."""
    plain = " ".join(typed.split())
    if len(plain) <= LONGEST:
        if "@" in plain:
            found = _email(plain)
        elif _PHONE.fullmatch(plain):
            found = _phone(plain, tuple(countries))
        else:
            found = None
        if found is not None:
            return found
    raise BadAddress(
        _(
            "This is neither an e-mail address nor a telephone number. Write it like anna@example.org, 010-1234-5678, "
            "or with the country's code, +48 501 234 567."
        )
    )


def digits(typed: str) -> str:
    """The digits of a number, however it was set."""
    return re.sub(r"\D", "", typed)


def same_number(one: str, other: str) -> bool:
    """Whether two numbers are one, with or without the country's code and the first zero."""
    a, b = digits(one).lstrip("0"), digits(other).lstrip("0")
    return min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a))


def countries(region_no: int) -> list[str]:
    """The countries of this installation, the one the region lies in first: whose plan reads a number."""
    rows = db.session.execute(
        sa.text("select code, :no between no and hi from core.region where level = 'country' order by 2 desc, 1"),
        {"no": region_no},
    )
    return [row[0] for row in rows]


def _email(plain: str) -> Address | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(plain, check_deliverability=False)
    except EmailNotValidError:
        return None
    return Address("email", found.normalized.lower())


@lru_cache(maxsize=256)
def _phone(plain: str, known: tuple[str, ...]) -> Address | None:
    import phonenumbers  # here: most requests never need its tables

    for country in (None,) if plain.startswith("+") else known:
        try:
            number = phonenumbers.parse(plain, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return Address("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return None
