"""What every answer tells the browser: own scripts only, no frames, no guessing, cookies for us alone."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from core.config import Settings

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
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


def install(app: Flask, settings: Settings) -> None:
    """Set cookies and headers; comes before everything else that looks at requests."""
    safe = settings.env == "prod"
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
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=g.get("csp_nonce", "")))
        # What a signed-in person saw, and pages with passwords, stay in no cache of a shared computer.
        if g.get("identity") is not None or request.blueprint in SECRET:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
