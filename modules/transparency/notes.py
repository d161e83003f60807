"""Signed notes and checkpoints as C2SP writes them: `signed-note`, `tlog-checkpoint`, `tlog-cosignature`. Pure.

A note is a text that ends with a line break, an empty line, and one line for each signature. The identifier of a key
binds its name, so one key under two names is two keys. Signatures of unknown keys are passed over, as the standard asks.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.sdk import DolbomError

#: Kinds of keys: a signer's own Ed25519, and a witness's cosignature with its time.
ED25519, COSIGNATURE = 0x01, 0x04
#: The longest note that is read, and the most signatures on one.
LONGEST, MOST = 64 * 1024, 100
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class BadNote(DolbomError):
    """A note, key or checkpoint is not written as the standard asks, or nobody trusted signed it."""

    code: ClassVar[str] = "transparency.bad-note"
    http: ClassVar[int] = 400


@dataclass(frozen=True)
class Verifier:
    """A public key under a name: what outsiders hold of a log or a witness."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def read(cls, text: str) -> Verifier:
        """A key as it is published: name+identifier+base64(kind ‖ key). Raises `BadNote`."""
        name, _, rest = text.strip().partition("+")
        number, _, encoded = rest.partition("+")
        raw = _decoded(encoded)
        if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise BadNote("A key is name+identifier+base64 of its kind and 32 bytes.")
        found = cls(_named(name), raw[0], raw[1:])
        if number != found.number.hex():
            raise BadNote(f"The key of {name} has another identifier than it says: copy it whole.")
        return found

    @property
    def number(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.number.hex()}+{_encoded(bytes([self.kind]) + self.public)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key signed the text (a witness: at the time that its signature carries)."""
        signed = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                return False
            at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            signed = cosigned(text, at)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key under a name; lives in the signer's process and in witnesses, never in the web's."""

    name: str
    key: Ed25519PrivateKey
    kind: int = ED25519

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Verifier(_named(self.name), self.kind, public)

    def line(self, text: str, at: int = 0) -> str:
        """The signature's line under a text; a witness signs at a time (Unix seconds)."""
        before, signed = b"", text.encode()
        if self.kind == COSIGNATURE:
            before, signed = at.to_bytes(8, "big"), cosigned(text, at)
        return f"— {self.name} {_encoded(self.verifier.number + before + self.key.sign(signed))}\n"


@dataclass(frozen=True)
class Note:
    """A text with its signatures, by the name and number of their keys."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def read(cls, written: str) -> Note:
        """Take a note apart. Raises `BadNote`."""
        if len(written) > LONGEST or any(ord(sign) < 0x20 and sign != "\n" for sign in written):
            raise BadNote("A note is plain text of at most 64 kB.")
        text, gap, lines = written.rpartition("\n\n")
        if not gap or not lines.endswith("\n") or len(found := lines.splitlines()) > MOST:
            raise BadNote("A note is a text, an empty line, and a line for each signature.")
        return cls(text + "\n", tuple(_signature(line) for line in found))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"— {name} {_encoded(number + signature)}\n" for name, number, signature in self.signatures)

    def signed_by(self, keys: Iterable[Verifier]) -> list[Verifier]:
        """Which of these keys signed it. Raises `BadNote` when a signature of a known key is wrong."""
        known = {(key.name, key.number): key for key in keys}
        found: dict[tuple[str, bytes], Verifier] = {}
        for name, number, signature in self.signatures:
            key = known.get((name, number))
            if key is None:
                continue
            if not key.verifies(self.text, signature):
                raise BadNote(f"The signature of {name} is not under this text.")
            found[name, number] = key
        return list(found.values())


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its origin, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """A head as a note's text has it. Raises `BadNote`."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise BadNote("A checkpoint is an origin, a size and a root, a line each.")
        root = _decoded(lines[2])
        if len(root) != 32 or any(not line for line in lines[3:-1]):
            raise BadNote("The root of a checkpoint is 32 bytes in base64.")
        return cls(lines[0], int(lines[1]), root)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"


def sign(text: str, signers: Sequence[Signer], at: int = 0) -> Note:
    """A text with the signatures of these keys."""
    return Note.read(text + "\n" + "".join(signer.line(text, at) for signer in signers))


def cosigned(text: str, at: int) -> bytes:
    """What a witness signs: that it saw this text at a time."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _decoded(encoded)
    if dash != "—" or len(raw) < 5:
        raise BadNote("A signature's line is a dash, a name and base64.")
    return _named(name), raw[:4], raw[4:]


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadNote("The name of a key has neither spaces nor plus signs.")
    return name


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("This is no base64.") from None
    if _encoded(raw) != text:
        raise BadNote("This base64 says one thing in two ways.")
    return raw


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
