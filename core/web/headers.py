"""What every answer tells the browser: own scripts only, no frames, no guessing, cookies for us alone."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from core.config import Settings
from core.errors import Refusal
from core.text import _

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
#: Of an answer that is no page: opened by itself it loads nothing, runs nothing and is nobody's origin (ASVS V3.2.1).
BARE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: over HTTPS the token check compares the referring page with this host.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(self), "
        "gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Pages with passwords and codes, also those for people not signed in yet.
SECRET = ("account", "security", "entering", "proving", "factors", "sessions")
#: A file handed in, and a form without one: what people type is small, and the whole form is read into memory.
LARGEST_UPLOAD, LARGEST_FORM = 64 * 1024 * 1024, 1024 * 1024
HSTS = "max-age=31536000; includeSubDomains"
#: To whoever has just left, or was signed in until now: nothing seen before stays, nor a page to go back to (ASVS V14.3.1).
LEFT = '"cache", "storage"'
#: Questions of machines, asked past the proxy.
PROBES = ("health.healthz", "health.readyz", "health.metrics")


class NotEncrypted(Refusal):
    """The request came by plain HTTP to a server in production."""

    code: ClassVar[str] = "https.needed"
    http: ClassVar[int] = 403


class UnknownName(Refusal):
    """The request asked for a server by a name that is not ours; links made with it would lead elsewhere."""

    code: ClassVar[str] = "host.unknown"
    http: ClassVar[int] = 421


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies; HMAC with SHA-256, because SHA-1 is for what cannot be changed any more (ASVS V11.4.1)."""

    digest_method = staticmethod(sha256)


def install(app: Flask, settings: Settings) -> None:
    """Set cookies and headers; comes before everything else that looks at requests."""
    safe = settings.env == "prod"
    app.session_interface = Sessions()
    Signer.default_digest_method = staticmethod(sha256)  # the tokens of forms are signed by the same library
    app.config.update(
        # The prefix makes browsers refuse the cookie from another host, path or plain HTTP.
        SESSION_COOKIE_NAME="__Host-dolbom" if safe else "dolbom",
        SESSION_COOKIE_SECURE=safe,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.session_minutes),
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: a page may stay open all day
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
    )
    if safe:  # config/prod.toml: a reverse proxy ends TLS, and only it can reach our loopback address
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    always = {**FIXED, "Strict-Transport-Security": HSTS} if safe else FIXED

    @app.before_request
    def _nonce() -> None:
        g.csp_nonce = secrets.token_urlsafe(16)

    @app.before_request
    def _small_forms() -> None:
        if request.mimetype == "application/x-www-form-urlencoded":
            request.max_content_length = LARGEST_FORM

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        policy = POLICY.format(nonce=g.get("csp_nonce", "")) if response.mimetype == "text/html" else BARE
        response.headers.setdefault("Content-Security-Policy", policy)
        if g.pop("left", False):
            response.headers["Clear-Site-Data"] = LEFT
        # What a signed-in person saw, and pages with passwords, stay in no cache of a shared computer.
        if g.get("identity") is not None or request.blueprint in SECRET:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def only_as_set_up(app: Flask, settings: Settings) -> None:
    """Answer to our own names only and, in production, by TLS only; probes aside.

    No detour to https, or a proxy set wrongly would never tell. Comes after the doors have opened the request: the refusal
    is a page like all others.
    """

    @app.before_request
    def _as_set_up() -> None:
        if request.endpoint in PROBES:
            return
        if settings.public_names and not host_is_trusted(request.host.lower(), settings.public_names):
            raise UnknownName(
                _("This server does not go by that name: use the address you were given. Whoever runs Dolbom: list it in public_names.")
            )
        if settings.env == "prod" and not request.is_secure:
            raise NotEncrypted(
                _("Open this page by https. Whoever runs Dolbom: let the proxy send X-Forwarded-Proto (docs/operations.md).")
            )
