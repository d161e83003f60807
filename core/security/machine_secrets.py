"""Secrets by which programs outside prove themselves: one for each purpose, derived from the keys of the home.

Nothing is stored: `secret("messaging.receipts.gateway")` gives the same words as long as the newest key is the same, and what
was derived from an older key still fits, so that a new key breaks no connection.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from core.security.crypto import keyring
from core.security.keyring import Key


def secret(purpose: str) -> str:
    """The secret to enter at the other side."""
    return _derived(keyring().current(), purpose)


def fits(purpose: str, given: str) -> bool:
    """Whether a caller knows the secret, in the same time whatever it sent."""
    keyring().current()  # the first key is made on first use
    matches = [hmac.compare_digest(_derived(key, purpose).encode(), given.encode()) for key in keyring()]
    return any(matches)


def _derived(key: Key, purpose: str) -> str:
    made = hmac.new(key.index_secret, b"dolbom machine " + purpose.encode(), sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")
