"""Secrets that are stored nowhere: made from the server's key and a random salt whenever they are sent or compared.

A message may be sent twice after a crash, by two ways at once, or later than planned: each time the same code stands in
it, and whoever reads the database, a backup or the outbox finds none.
"""

from __future__ import annotations

import base64
import hmac
import secrets

from flask import current_app


def new_salt() -> str:
    """What the row keeps: random, and of no use without the server's key."""
    return secrets.token_hex(16)


def code(salt: str) -> str:
    """The six digits of a salt."""
    return f"{int.from_bytes(_made('code', salt)) % 1_000_000:06d}"


def token(salt: str) -> str:
    """The token of a link, 256 bits for an address."""
    return base64.urlsafe_b64encode(_made("link", salt)).decode().rstrip("=")


def _made(use: str, salt: str) -> bytes:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"dolbom account {use} {salt}".encode(), "sha256")
