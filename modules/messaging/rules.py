"""Pure rules of messages: filling in, length as gateways count it, quiet hours, order of receipts, what is masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers

#: Why a message did not arrive, as gateways are translated into it.
REASONS = (
    "no_contact", "wrong_number", "wrong_address", "unreachable", "blocked", "no_gateway", "no_sender", "too_long",
    "template_not_approved", "gateway_down", "refused", "no_receipt", "opted_out", "secret_gone",
)  # fmt: skip
#: Reasons that a better contact mends (S1-233, S1-234).
MENDABLE = frozenset({"no_contact", "wrong_number", "wrong_address", "unreachable", "blocked", "no_receipt", "refused"})

_FIELD = re.compile(r"\{(\w+)\}")
_SECRET = re.compile(r"⟦(\w+)⟧")
HIDDEN = "•••"
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")


def fields_of(text: str) -> set[str]:
    """The merge fields a text names: `{child}` is the field child."""
    return set(_FIELD.findall(text))


def fill(text: str, facts: Mapping[str, str], secret: frozenset[str] = frozenset()) -> str:
    """A text with its fields filled in; secret ones stay as marks, which are never what a fact brought along."""
    plain = {name: _CONTROLS.sub(" ", value).replace("⟦", "[").replace("⟧", "]") for name, value in facts.items()}
    return _FIELD.sub(lambda m: mark(m[1]) if m[1] in secret else plain.get(m[1], m[0]), text)


def mark(field: str) -> str:
    """What stands in a stored text where a secret will be."""
    return f"⟦{field}⟧"


def secrets_of(text: str) -> list[str]:
    """The secret fields that a stored text still waits for."""
    return list(dict.fromkeys(_SECRET.findall(text)))


def open_secrets(text: str, values: Mapping[str, str]) -> str:
    """The text as it goes out."""
    return _SECRET.sub(lambda m: values[m[1]], text)


def shown(text: str) -> str:
    """The text as people at work read it: secrets are dots."""
    return _SECRET.sub(HIDDEN, text)


def size(text: str, charset: str) -> int:
    """Bytes of a text as the gateways of a country count: `euc-kr` 2 a Hangul, `gsm-7` 7 bits a letter, else UTF-8.

    What EUC-KR cannot write goes out as four bytes; what GSM 7-bit cannot write makes the whole text 2 bytes a letter.
    """
    if charset == "euc-kr":
        return sum(_euc_kr(letter) for letter in text)
    if charset == "gsm-7":
        if all(letter in _GSM or letter in _GSM_TWICE for letter in text):
            septets = sum(2 if letter in _GSM_TWICE else 1 for letter in text)
            return -(-septets * 7 // 8)
        return len(text.encode("utf-16-be"))
    return len(text.encode())


def _euc_kr(letter: str) -> int:
    try:
        return len(letter.encode("cp949"))
    except UnicodeEncodeError:
        return 4


def short_or_long(bytes_: int, limits: Mapping[str, int]) -> str | None:
    """`sms` up to 90 bytes, `lms` up to 2,000 (the limits are policy), None beyond (S0-18)."""
    if bytes_ <= limits["sms"]:
        return "sms"
    return "lms" if bytes_ <= limits["lms"] else None


def quiet_until(now: datetime, zone: str, starts: str, ends: str) -> datetime | None:
    """The end of the quiet hours `now` lies in, by the place's clock; None outside. They may go over midnight."""
    begin, end = time.fromisoformat(starts), time.fromisoformat(ends)
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time().replace(tzinfo=None)
    over_midnight = begin > end
    inside = clock >= begin or clock < end if over_midnight else begin <= clock < end
    if not inside:
        return None
    day = local.date() + timedelta(days=1) if over_midnight and clock >= begin else local.date()
    return datetime.combine(day, end, ZoneInfo(zone)).astimezone(now.tzinfo)


#: How far an attempt has come; a receipt never leads back. Silence (`expired`) is believed until something better comes.
_RANK = {"sent": 0, "expired": 1, "failed": 2, "delivered": 2}


def moves(before: str, after: str) -> bool:
    """Whether a receipt with `after` changes an attempt that stands at `before`."""
    return before in _RANK and _RANK[after] > _RANK[before]


def telephone(typed: str, country: str) -> str | None:
    """A telephone number in its international form (+82…), None when it cannot be one (S1-233)."""
    try:
        number = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def address(typed: str) -> str | None:
    """An e-mail address in lower case, None when it cannot be one."""
    plain = typed.strip().lower()
    name, at, host = plain.rpartition("@")
    good = at and name and "." in host and not re.search(r"[\s,;<>]", plain) and not host.startswith(".")
    return plain if good and len(plain) <= 254 else None


def masked(contact: str) -> str:
    """A contact as lists show it: enough to recognize, not enough to use."""
    if "@" in contact:
        name, _at, host = contact.partition("@")
        return f"{name[:1]}•••@{host}"
    digits = [place for place, letter in enumerate(contact) if letter.isdigit()]
    hide = set(digits[3:-4]) if len(digits) > 7 else set(digits[:-2])
    return "".join("•" if place in hide else letter for place, letter in enumerate(contact))


def masked_name(name: str) -> str:
    """A name as lists show it: 김지영 → 김•영, Jan Kowalski → Jan K•••."""
    if len(name) <= 4 and " " not in name:
        return name[:1] + "•" * max(1, len(name) - 2) + name[2:][-1:]
    first, _space, rest = name.partition(" ")
    return f"{first} {rest[:1]}•••" if rest else f"{name[:2]}•••"
