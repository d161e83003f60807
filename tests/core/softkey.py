"""A passkey made of software, for tests without a browser: it answers as the standard says, or as badly as one asks."""

from __future__ import annotations

import base64
import json
import secrets
from hashlib import sha256

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(words):
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))


class SoftKey:
    """One device with one key pair."""

    def __init__(self, origin="http://localhost", rp="localhost"):
        self.origin, self.rp = origin, rp
        self.id, self.pair, self.count = secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1()), 0
        self.handle = b""

    def _client(self, kind, challenge, origin):
        said = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _head(self, flags, rp):
        return sha256((rp or self.rp).encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def create(self, question, *, origin=None, rp=None, flags=PRESENT | VERIFIED):
        """The answer to «make a passkey»."""
        self.handle = raw(question["user"]["id"])
        at = self.pair.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32), -3: at.y.to_bytes(32)})
        made = bytes(16) + len(self.id).to_bytes(2) + self.id + public
        whole = {"fmt": "none", "attStmt": {}, "authData": self._head(flags | MADE, rp) + made}
        return self._answer(
            clientDataJSON=text(self._client("create", question["challenge"], origin)),
            attestationObject=text(cbor2.dumps(whole)), transports=["internal", "made-up"],
        )  # fmt: skip

    def get(self, question, *, origin=None, rp=None, flags=PRESENT | VERIFIED, count=1):
        """The answer to «prove that you have it»."""
        self.count += count
        client, head = self._client("get", question["challenge"], origin), self._head(flags, rp)
        signed = self.pair.sign(head + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=text(client), authenticatorData=text(head), signature=text(signed), userHandle=text(self.handle)
        )

    def _answer(self, **response):
        said = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
        return json.dumps({**said, "clientExtensionResults": {}})
