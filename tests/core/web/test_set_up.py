"""A server answers as it was set up: a city's own by https only, and to its own names; probes of machines aside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browsing import Browser
from people import PASSWORD

from core.app import create_app
from core.db.base import db
from core.host.running import running

HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "9.9.9.9"}


@pytest.fixture
def set_up(app):
    """The product on the test's servers, with other settings."""
    here, made = running(), []

    def build(**settings):
        made.append(create_app(replace(here.settings, **settings), servers=here.servers))
        made[-1].config.update(TESTING=True)
        return Browser(made[-1])

    yield build
    for one in made:
        with one.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def city(set_up):
    """The product as a city runs it."""
    return set_up(env="prod")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/login", 200), ("/", 302), ("/facilities", 200), ("/openapi.json", 200), ("/account", 401), ("/nowhere", 404)],
)
def test_by_plain_http_there_is_nothing(city, path, status):
    answer = city.get(path)
    assert answer.status_code == 403
    assert "X-Forwarded-Proto" in answer.text, "whoever set up the proxy reads what is missing"
    assert "Location" not in answer.headers, "no detour that would hide the mistake"
    assert "Set-Cookie" not in answer.headers
    assert city.get(path, headers=HTTPS).status_code == status, "the control: by https it is there"


def test_nobody_signs_in_by_plain_http(city, person, world):
    person("jan", "director", world.facilities[0])
    city.app.config["WTF_CSRF_ENABLED"] = False
    assert city.enter("jan").status_code == 403
    form = {"username": "jan", "password": PASSWORD}
    answer = city.post("/login", data=form, headers=HTTPS, base_url="https://localhost")
    assert answer.status_code == 302, "the control: by https one does"


def test_whether_it_lives_is_asked_past_the_proxy(city):
    assert city.get("/healthz").status_code == 200


def test_a_developers_machine_has_no_tls(browser):
    assert browser.get("/login").status_code == 200


def test_every_answer_of_a_city_has_hsts_and_its_cookie_belongs_to_this_host(city):
    for path in ("/login", "/nowhere", "/healthz", "/openapi.json"):
        assert city.get(path, headers=HTTPS).headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert city.get("/login").headers["Strict-Transport-Security"], "also of the refusal"
    cookie = city.get("/login", headers=HTTPS).headers["Set-Cookie"]
    assert cookie.startswith("__Host-dolbom=") and "Secure" in cookie and "HttpOnly" in cookie
    assert "Path=/" in cookie and "Domain" not in cookie and "SameSite=Lax" in cookie


def test_nothing_of_a_developers_comfort_is_on(city):
    assert not city.app.debug and not city.app.config["TEMPLATES_AUTO_RELOAD"]
    assert city.get("/console", headers=HTTPS).status_code == 404


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("care.example.org", True),
        ("care.example.org:443", True),
        ("CARE.example.org", True),
        ("evil.example", False),
        ("care.example.org.evil.example", False),
        ("care.example.org@evil.example", False),
        ("127.0.0.1", False),
    ],
)
def test_links_are_made_with_our_own_names_only(set_up, host, known):
    """Whoever asks for a new password under another name would have it sent with a link to themselves."""
    here = set_up(env="prod", public_names=("care.example.org",))
    facts = {**HTTPS, "X-Forwarded-Host": host}
    answer = here.get("/login", headers=facts)
    assert answer.status_code == (200 if known else 421)
    assert ("public_names" in answer.text) is not known
    assert here.get("/healthz", headers=facts).status_code == 200, "probes ask by any name"
    assert set_up().get("/login", headers={"Host": host}).status_code in (200, 400), "the control: without names, any"
