"""How often one may knock: signing in is closed when Redis cannot count, reading stays open (security.md)."""

from __future__ import annotations

import math
import time
from functools import wraps
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter

from core.config import Settings
from core.db.servers.address import REDIS_TIMEOUTS, Servers
from core.web.requests import OPEN_ENDPOINTS

#: Everybody's pages together; a front desk at its peak stays far below.
READING = "1200 per minute"
#: Attempts from one address; a town hall signs in behind one address at nine o'clock.
ENTERING = "60 per minute; 600 per hour"
#: Where passwords or tokens are tried.
ENTRANCES = (
    "security.login", "security.change_password", "account.activate", "register.begin", "register.confirm",
    "reset.ask", "reset.unlock", "contacts.mine", "contacts.confirm", "contacts.remove", "entering.step",
    "entering.step_passkey", "entering.passkey", "proving.prove", "proving.passkey", "factors.app",
)  # fmt: skip
#: Each of these sends a message to whatever address was typed, which somebody pays for.
SENDING = {"register.begin": "20 per minute; 100 per hour"}
EXTENSION = "dolbom_limits"


def install(app: Flask, settings: Settings, servers: Servers) -> None:
    """Count requests in Redis; the test suite switches it on where it is the subject."""
    shared: dict[str, Any] = {"storage_uri": _storage(servers.redis_url), "storage_options": REDIS_TIMEOUTS}
    everybody = ApplicationLimit(READING, exempt_when=_uncounted)
    reading = Limiter(
        _reader,
        app=app,
        application_limits=[everybody],
        swallow_errors=True,
        key_prefix=servers.in_redis("read"),
        **shared,
    )
    entering = Limiter(address, app=app, swallow_errors=False, key_prefix=servers.in_redis("enter"), **shared)
    for endpoint in ENTRANCES:
        view = app.view_functions[endpoint]
        limited = entering.limit(SENDING.get(endpoint, ENTERING), methods=["POST"])(view)
        app.view_functions[endpoint] = wraps(view)(limited)
    for limiter in (reading, entering):
        limiter.enabled = settings.env != "test"
    app.extensions[EXTENSION] = (reading, entering)


def wait() -> int:
    """Seconds until the person who was just refused may try again."""
    found = [limiter.current_limit for limiter in current_app.extensions[EXTENSION]]
    return max([1, *(math.ceil(each.reset_at - time.time()) for each in found if each and each.breached)])


def _storage(redis_url: str) -> str:
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def address() -> str:
    """Who knocks: the address, or for IPv6 the network one household or office has."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return "local"
    if isinstance(found, IPv6Address):
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)


def _reader() -> str:
    who = g.get("identity")
    return address() if who is None else f"account:{who.account_id}"


def _uncounted() -> bool:
    return request.endpoint in OPEN_ENDPOINTS
