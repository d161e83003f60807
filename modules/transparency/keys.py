"""Keys in files that only their owner reads, written as the Go tools for notes write them.

The web and the worker never import this file: only the signer's process and a witness's hold a key.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.sdk import DolbomError
from modules.transparency.notes import COSIGNATURE, ED25519, BadNote, Signer

_HEAD = "PRIVATE+KEY+"


class BadKey(DolbomError):
    """A key file is not there, is there already, is readable for others, or holds no key."""

    code: ClassVar[str] = "transparency.bad-key"


def new_key(path: Path, name: str, kind: int = ED25519) -> Signer:
    """Make a key under a name and keep it in a file that did not exist before. Raises `BadKey`."""
    signer = Signer(name, Ed25519PrivateKey.generate(), kind)
    try:
        number = signer.verifier.number.hex()
    except BadNote as error:
        raise BadKey(str(error)) from None
    raw = bytes([kind]) + signer.key.private_bytes_raw()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadKey(f"{path} is there already: a key is never written over. Choose another file.") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{_HEAD}{name}+{number}+{base64.b64encode(raw).decode()}\n")
        file.flush()
        os.fsync(file.fileno())
    return signer


def read_key(path: Path) -> Signer:
    """The key in a file. Raises `BadKey`."""
    try:
        if path.stat().st_mode & 0o077:
            raise BadKey(f"{path} can be read by others: chmod 600 {path}, and make a new key if somebody may have seen it.")
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise BadKey(f"{path} is not there: make a key first.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadKey(f"{path}: {error}") from None
    name, _plus, rest = text.removeprefix(_HEAD).partition("+")
    number, _plus, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if not text.startswith(_HEAD) or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise BadKey(f"{path} holds no key of a log or a witness.")
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(raw[1:]), raw[0])
    if signer.verifier.number.hex() != number:
        raise BadKey(f"{path}: the key and its number do not belong together; restore the file from a backup.")
    return signer
