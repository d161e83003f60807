"""How long a text is, as the page says it while somebody types (S0-18)."""

from __future__ import annotations

from dataclasses import dataclass

from modules.messaging import rules
from modules.messaging.settings import ways


@dataclass(frozen=True)
class Size:
    """Bytes of a text at a place: `kind` is sms, lms or None for one that is too long."""

    bytes: int
    kind: str | None
    short: int
    long: int
    text: str


def measure(text: str, place: int) -> Size:
    """Count a text as the place's gateways do."""
    limits = ways(place).length
    size = rules.size(text, limits["charset"])
    return Size(size, rules.short_or_long(size, limits), limits["sms"], limits["lms"], text)
