"""What stands in a leaf: canonical JSON that two programs write alike to the byte. Pure (integrity.md 1, points 2 and 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from core.sdk import DolbomError

KINDS = (
    "rule", "capacity", "apply", "assess", "offer", "accept", "decline", "expire", "withdraw", "admit", "extend", "reopen",
    "migrate", "override", "correct", "erase", "key", "witness", "policy", "close", "visit",
)  # fmt: skip
#: The most bytes of one entry: a receipt with its proof still fits a QR code.
MOST = 2_048


class BadEntry(DolbomError):
    """A leaf would hold something that two programs may write differently, or too much."""

    code: ClassVar[str] = "transparency.bad-entry"
    http: ClassVar[int] = 500


def canonical(kind: str, facts: Mapping[str, int | str]) -> bytes:
    """A leaf's entry: its kind with its facts, keys sorted, whole numbers and text only. Raises `BadEntry`."""
    if kind not in KINDS:
        raise BadEntry(f"A leaf is one of {', '.join(KINDS)}, not {kind!r}.")
    if "kind" in facts:
        raise BadEntry("The kind of a leaf is told once.")
    for name, value in facts.items():
        # `type is`: True would pass for 1; numbers beyond 2^53 are read differently by JavaScript.
        if type(value) not in (int, str) or (isinstance(value, int) and abs(value) > 2**53 - 1):
            raise BadEntry(f"{kind}.{name} is {value!r}: a leaf holds whole numbers below 2^53 and text.")
        if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise BadEntry(f"{kind}.{name} holds half a character.")
    entry = json.dumps({**facts, "kind": kind}, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    if len(entry) > MOST:
        raise BadEntry(f"The entry has {len(entry)} bytes; a leaf holds {MOST}.")
    return entry
