"""Keys for field encryption, kept in `<home>/keys` and nowhere else: no database or backup ever holds one.

One file a key, readable by its owner only, named by the key's id. The highest number seals; the others still
open, so a key may be added at any time and old values are re-sealed later. A lost key file means lost values:
copy the folder to a safe place apart from the backups, which do not contain it.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import DolbomError

_NAME = re.compile(r"(\d{4})-([0-9a-f]{8})\.key")
#: Bytes of a key's id in front of every sealed value: its number, and 4 that tell two installations apart.
ID_BYTES = 6


class UnknownKey(DolbomError):
    """A value was sealed with a key that is not in the home."""

    code: ClassVar[str] = "crypto.unknown-key"
    http: ClassVar[int] = 500


class KeyFileUnsafe(DolbomError):
    """A key file is damaged, or others than its owner may read it."""

    code: ClassVar[str] = "crypto.key-file"
    http: ClassVar[int] = 500


@dataclass(frozen=True, repr=False)
class Key:
    """One key: its id, the cipher made from it and the secret for blind indexes."""

    id: bytes
    cipher: AESGCMSIV
    index_secret: bytes

    @property
    def name(self) -> str:
        """The id as its file is named: `0001-9f3a2c1b`."""
        return name_of(self.id)


def name_of(key_id: bytes) -> str:
    """A key's id as people see it."""
    return f"{int.from_bytes(key_id[:2]):04d}-{key_id[2:].hex()}"


class KeyRing:
    """All keys of a home; other processes' additions are noticed by the folder's time stamp."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp = 0
        self._keys: dict[bytes, Key] = {}

    def current(self) -> Key:
        """The key that seals now; the first one is made on first use."""
        keys = self._load() or {key.id: key for key in [self.add()]}
        return keys[max(keys, key=lambda key_id: (key_id[:2], key_id[2:]))]

    def get(self, key_id: bytes) -> Key:
        """The key with this id. Raises `UnknownKey` with the name of the file to bring back."""
        found = self._load().get(key_id)
        if found is None:  # made in the same tick of the clock as we last looked?
            self._stamp = 0
            found = self._load().get(key_id)
        if found is None:
            raise UnknownKey(
                f"{self.folder}: the key {name_of(key_id)} is missing, so this value cannot be read; "
                f"put {name_of(key_id)}.key back from the safe copy of the key folder"
            )
        return found

    def __iter__(self) -> Iterator[Key]:
        """All keys, the newest first: a search has to ask for each."""
        yield from sorted(self._load().values(), key=lambda key: key.id, reverse=True)

    def add(self) -> Key:
        """Make a new key; from now on it seals. Two processes adding at once get two numbers."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        material = secrets.token_bytes(32)
        number = max((int.from_bytes(key_id[:2]) for key_id in self._load()), default=0) + 1
        key_id = number.to_bytes(2) + secrets.token_bytes(4)
        path = self.folder / f"{name_of(key_id)}.key"
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.urlsafe_b64encode(material).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)  # other processes see a whole key or none
        self._stamp = 0
        return self.get(key_id)

    def _load(self) -> dict[bytes, Key]:
        try:
            stamp = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if stamp != self._stamp:
            found = ((path, _NAME.fullmatch(path.name)) for path in self.folder.iterdir())
            keys = [_read(path, match) for path, match in found if match]
            self._keys, self._stamp = {key.id: key for key in keys}, stamp
        return self._keys


def _read(path: Path, name: re.Match[str]) -> Key:
    if path.stat().st_mode & 0o077:
        raise KeyFileUnsafe(f"{path}: others may read this key; run: chmod 600 {path}")
    try:
        material = base64.urlsafe_b64decode(path.read_text().strip())
    except ValueError:
        material = b""
    if len(material) != 32:
        raise KeyFileUnsafe(f"{path}: not a key of 32 bytes; put it back from the safe copy of the keys")
    key_id = int(name[1]).to_bytes(2) + bytes.fromhex(name[2])
    return Key(key_id, AESGCMSIV(_derived(material, b"seal")), _derived(material, b"index"))


def _derived(material: bytes, purpose: bytes) -> bytes:
    """Sealing and indexing never share a key."""
    return HKDF(SHA256(), 32, salt=None, info=b"dolbom field " + purpose).derive(material)
