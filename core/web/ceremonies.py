"""What a passkey is asked: the site it belongs to, and the challenge kept in the browser's session until it is answered."""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import Any

from flask import current_app, jsonify, request, session
from webauthn.helpers import base64url_to_bytes

from core.security.factors import passkeys
from core.security.factors.passkeys import PasskeyRefused, Site

_KEY = "challenge"


def site() -> Site:
    """The site as the browser knows it: passkeys belong to its host name, and never work elsewhere."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    return Site(host, request.host_url.rstrip("/"), str(current_app.secret_key))


def possible() -> bool:
    """Whether browsers make passkeys for this address: they need a name, not a number."""
    try:
        ip_address(site().rp.strip("[]"))
    except ValueError:
        return True
    return False


def ask(options: dict[str, Any], challenge: bytes, purpose: str) -> Any:
    """Remember the challenge for one purpose and give the browser its question."""
    session[_KEY] = {"value": passkeys.shown(challenge), "for": purpose, "at": int(time.time())}
    answer = jsonify(options)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def asked(purpose: str) -> bytes:
    """The challenge asked for this purpose, taken out of the session. Raises `PasskeyRefused` when none is open."""
    kept = session.pop(_KEY, None)
    if not kept or kept.get("for") != purpose or kept.get("at", 0) < time.time() - passkeys.LASTS.total_seconds():
        raise PasskeyRefused
    return base64url_to_bytes(str(kept["value"]))
