"""What every answer tells the browser."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from core.web import headers

#: What any answer forbids, page or not.
NEVER = {"object-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}


def directives(answer):
    """The policy of an answer by directive; what is not named falls back to default-src where the standard says so."""
    parts = [part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")]
    found = {part[0]: part[-1] for part in parts}
    return {"object-src": found["default-src"], **found}


@pytest.mark.parametrize("path", ["/login", "/healthz", "/nowhere", "/account", "/facilities", "/openapi.json"])
def test_every_answer_is_guarded(browser, path):
    answer = browser.get(path)
    got = answer.headers
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["X-Frame-Options"] == "DENY"
    assert got["Referrer-Policy"] == "same-origin"
    assert "geolocation=(self)" in got["Permissions-Policy"]
    assert "camera=()" in got["Permissions-Policy"]
    policy = got["Content-Security-Policy"]
    assert NEVER.items() <= directives(answer).items()
    assert directives(answer)["default-src"] in ("'self'", "'none'")
    assert directives(answer)["form-action"] in ("'self'", "'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert re.fullmatch(r"[0-9a-f]{12}", got["X-Request-Id"])


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/api/v1/facilities?limit=1", "/nowhere.json"])
def test_what_is_no_page_is_nothing_when_opened_by_itself(browser, path):
    """No script, no form, no frame and no origin of ours, should a browser take data for a page (ASVS V3.2.1)."""
    answer = browser.get(path, headers={"Accept": "application/json"})
    assert answer.mimetype != "text/html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {"default-src": "'none'", "sandbox": "sandbox"}.items() <= directives(answer).items()
    assert "sandbox" not in directives(browser.get("/login")), "the control: a page works"


def test_scripts_carry_the_nonce_of_their_answer_and_each_answer_its_own(browser):
    seen = set()
    for _ in range(3):
        answer = browser.get("/login")
        nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]
        assert set(re.findall(r'nonce="([^"]*)"', answer.text)) == {nonce}
        assert "<script>" not in answer.text
        assert " style=" not in answer.text
        assert not re.search(r"\son[a-z]+=", answer.text)
        seen.add(nonce)
    assert len(seen) == 3


def test_what_a_signed_in_person_saw_is_in_no_cache(browser, person, world):
    person("jan", "director", world.facilities[0])
    assert "no-store" not in browser.get("/healthz").headers.get("Cache-Control", "")
    assert "no-store" in browser.get("/login").headers["Cache-Control"]
    browser.enter("jan")
    assert browser.get("/account").headers["Cache-Control"] == "private, no-store"
    assert "no-store" in browser.get("/nowhere").headers["Cache-Control"]


def test_cookies_stay_with_us(browser):
    cookie = browser.get("/login").headers["Set-Cookie"]
    assert cookie.startswith("dolbom=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_reading_needs_no_cookie(browser):
    assert "Set-Cookie" not in browser.get("/nowhere").headers


class TestProduction:
    @pytest.fixture
    def far(self, settings):
        app = Flask("x")
        app.secret_key = "x" * 32
        headers.install(app, replace(settings, env="prod"))

        @app.get("/who")
        def who():
            from flask import request, session

            session["x"] = 1
            return {"address": request.remote_addr, "secure": request.is_secure, "host": request.host}

        @app.get("/broken")
        def broken():
            raise RuntimeError

        return app.test_client()

    def test_hsts_and_a_cookie_bound_to_this_host(self, far):
        got = far.get("/who", headers={"X-Forwarded-Proto": "https"}).headers
        assert got["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert got["Set-Cookie"].startswith("__Host-dolbom=")
        assert "Secure" in got["Set-Cookie"]
        assert "Path=/" in got["Set-Cookie"]
        assert "Domain" not in got["Set-Cookie"]

    @pytest.mark.parametrize("path", ["/who", "/nowhere", "/who/", "/broken"])
    def test_hsts_is_on_every_answer_also_of_errors(self, far, path):
        far.application.config["PROPAGATE_EXCEPTIONS"] = False
        for method in ("GET", "POST"):
            got = far.open(path, method=method, headers={"X-Forwarded-Proto": "https"}).headers
            assert int(re.match(r"max-age=(\d+)", got["Strict-Transport-Security"])[1]) >= 365 * 24 * 3600

    def test_the_proxy_tells_who_came_and_only_the_last_one_is_believed(self, far):
        got = far.get(
            "/who",
            headers={
                "X-Forwarded-For": "6.6.6.6, 9.9.9.9",
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Host": "dolbom.example",
            },
        )
        assert got.json == {"address": "9.9.9.9", "secure": True, "host": "dolbom.example"}

    def test_elsewhere_nobody_is_believed(self, browser, app):
        assert "Strict-Transport-Security" not in browser.get("/healthz").headers
        assert not hasattr(app.wsgi_app, "x_for")
