"""What a leaf says without telling it: a commitment for each field, one root over them (integrity.md 1, point 4). Pure.

A field can be opened to one person alone: its salt, its value, and the way to the root. Without the salt, 32 random
bytes, nobody can guess a value, however few values there are.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256

from modules.transparency.merkle import inclusion, leaf_hash, root, subtrees_of

_DOMAIN = b"dolbom/commitment/v1\n"
#: Field → its salt in hexadecimal and its value.
Fields = Mapping[str, Mapping[str, str]]


def salted(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Fields with a fresh salt each."""
    return {field: {"salt": secrets.token_hex(32), "value": value} for field, value in values.items()}


def commitment(entry: str, field: str, salt: bytes, value: str) -> bytes:
    """The commitment to one field of an entry; `entry` is its pseudonym."""
    return sha256(_DOMAIN + f"{entry}\n{field}\n".encode() + salt + value.encode()).digest()


def root_over(entry: str, fields: Fields) -> bytes:
    """The root over all fields, in the order of their names: what stands in the leaf."""
    return root(_leaves(entry, fields))


def way_of(entry: str, fields: Fields, field: str) -> list[bytes]:
    """The proof that opens one field without the others."""
    return inclusion(sorted(fields).index(field), len(fields), subtrees_of(_leaves(entry, fields)))


def _leaves(entry: str, fields: Fields) -> list[bytes]:
    return [
        leaf_hash(commitment(entry, field, bytes.fromhex(fields[field]["salt"]), fields[field]["value"])) for field in sorted(fields)
    ]
