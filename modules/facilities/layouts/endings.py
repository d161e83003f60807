"""Whether a file is what the ending of its name says (ASVS V5.2.2); what it is, is told by its first bytes."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

#: First bytes of what is no text, by the ending that goes with it.
_HEADS: Final = {
    ".gz": (b"\x1f\x8b",),
    ".xlsx": (b"PK\x03\x04", b"PK\x05\x06"),
    ".xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
}
_TEXTS: Final = (".csv", ".tsv", ".txt")
#: What may be handed in, as the page says it.
ENDINGS: Final = (*_TEXTS, *_HEADS)
#: So many bytes tell.
HEAD: Final = 8


def is_known(name: str) -> bool:
    """Whether the ending is one of a register's."""
    return PurePath(name).suffix.lower() in ENDINGS


def fits(name: str, head: bytes) -> bool:
    """Whether first bytes and ending agree; a text is what begins like none of the others."""
    ending = PurePath(name).suffix.lower()
    if ending in _TEXTS:
        return not any(head.startswith(heads) for heads in _HEADS.values())
    return head.startswith(_HEADS.get(ending, ())) or not head  # an empty file is refused as one
