"""Refusals and failures: a page in three languages or JSON, never a trace, never a stranger's words."""

from __future__ import annotations

import people
import psycopg
import pytest
import sqlalchemy as sa
from werkzeug.exceptions import RequestEntityTooLarge

from core.db.base import db
from core.errors import ConfigError, DolbomError, Forbidden, NotFound, Refusal, ServerError
from core.host.running import running
from core.security.access import NotAsked

PLANTED = "Kowalska-Planted-901212"


class Away(Refusal):
    code = "test.away"
    http = 409
    retry_after = 7


@pytest.fixture
def failing(app, config, monkeypatch):
    """Let the view of /healthz raise what a test wants."""
    config(PROPAGATE_EXCEPTIONS=False)

    def fail(error):
        def view():
            raise error

        monkeypatch.setitem(app.view_functions, "health.healthz", view)

    return fail


@pytest.mark.parametrize(
    ("error", "status", "code", "shown"),
    [
        (Refusal("This cannot be: wait for March."), 409, "refused", True),
        (NotFound("It is not here."), 404, "not-found", True),
        (DolbomError("Wrong question."), 400, "dolbom", True),
        (ServerError("The database is away."), 503, "server", True),
        (ConfigError(f"{PLANTED}: wrong key"), 500, "config", False),
        (NotAsked(f"{PLANTED} would be written"), 500, "access.not-asked", False),
        (ZeroDivisionError(PLANTED), 500, "http.500", False),
        (KeyError(PLANTED), 500, "http.500", False),
        (sa.exc.OperationalError("select 1", {}, Exception(PLANTED)), 503, "server", False),
        (RequestEntityTooLarge(PLANTED), 413, "http.413", False),
    ],
)
def test_each_error_has_its_status_its_code_and_maybe_its_words(browser, failing, error, status, code, shown):
    failing(error)
    page, data = browser.get("/healthz"), browser.get("/healthz", headers={"Accept": "application/json"})
    assert page.status_code == data.status_code == status
    assert page.mimetype == "text/html"
    assert f"{code} · {page.headers['X-Request-Id']}" in page.text
    assert data.json["code"] == code
    assert data.json["request_id"] == data.headers["X-Request-Id"]
    assert (str(error) in page.text) is shown
    assert (data.json["message"] == str(error)) is shown
    for text in (page.text, data.text):
        assert PLANTED not in text
        assert "Traceback" not in text
        assert ".py" not in text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_refusal_says_when_to_come_again(browser, failing):
    failing(Away("Later."))
    assert browser.get("/healthz").headers["Retry-After"] == "7"


def test_visitors_without_right_are_asked_to_sign_in_and_others_are_told(browser, failing, person, world):
    failing(Forbidden("Your role may not."))
    answer = browser.get("/healthz")
    assert answer.status_code == 401
    assert "Please sign in" in answer.text
    assert "/login?next=" in answer.text


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "There is no such page or record"),
        ("ko", "그런 화면이나 기록이 없습니다"),
        ("pl", "Nie ma takiej strony"),
    ],
)
def test_pages_speak_three_languages(browser, app, language, title):
    answer = browser.get("/nowhere", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert f'<html lang="{language}"' in answer.text
    if language == "en" or _translated(language):
        assert title in answer.text


def _translated(language):
    from core.config import ROOT

    return any((ROOT / "core").rglob(f"translations/{language}/LC_MESSAGES/messages.po"))


@pytest.mark.parametrize("language", ["en", "ko", "pl"])
@pytest.mark.parametrize(
    "error", [Refusal("No."), Forbidden("No."), NotFound("No."), RuntimeError("No."), ServerError("No.")]
)
def test_every_page_stands_in_every_language(browser, failing, language, error):
    failing(error)
    answer = browser.get("/healthz", headers={"Accept-Language": language})
    assert f'<html lang="{language}"' in answer.text
    assert "refusal" in answer.text


@pytest.mark.parametrize(
    ("path", "accept", "json"),
    [
        ("/nowhere", "text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("/nowhere", "*/*", False),
        ("/nowhere", "", False),
        ("/nowhere", "application/json", True),
        ("/nowhere", "application/json;q=0.5,text/html", False),
        ("/api/v1/nowhere", "text/html", True),
    ],
)
def test_programs_get_json(browser, path, accept, json):
    answer = browser.get(path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.is_json is json


def test_a_wrong_method_says_which_are_right(browser):
    answer = browser.get("/logout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_failure_asks_no_server_for_its_page(browser, failing, person, world, monkeypatch):
    """With the database gone, signed-in people still get a page."""
    from core.security import identity

    person("jan", "director", world.facilities[0])
    browser.enter("jan")

    def gone(*args, **facts):
        raise sa.exc.OperationalError("select", {}, Exception("no connection"))

    monkeypatch.setattr(identity, "identify", gone)
    answer = browser.get("/account")
    assert answer.status_code == 503
    assert "not available for a moment" in answer.text
    assert answer.headers["Retry-After"] == "30"


def test_when_the_database_ends_every_connection_the_page_says_so_and_the_next_one_is_served(browser, person, world):
    person("jan", "director", world.facilities[0])
    browser.enter("jan")
    assert browser.get("/account").status_code == 200
    with psycopg.connect(running().servers.admin_url, autocommit=True) as keeper:
        ended = keeper.execute(
            "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity "
            "where datname = current_database() and usename in ('dolbom_app', 'dolbom_system', 'dolbom_public')"
        ).fetchone()
        assert ended[0] > 0
    answers = [browser.get("/account") for _ in range(4)]
    assert answers[0].status_code == 503
    assert answers[-1].status_code == 200
    assert {answer.status_code for answer in answers} == {200, 503}
    assert "not available for a moment" in answers[0].text
    assert "Nothing you saved is lost. Try again in a minute" in answers[0].text
    assert "terminating connection" not in answers[0].text
    for engine in db.engines.values():
        engine.dispose()


def test_after_a_failed_statement_the_page_still_knows_the_person(browser, person, world, app, monkeypatch):
    from core.web import sessions

    person("jan", "director", world.facilities[0], name="Jan Testowy")
    browser.enter("jan")

    def broken(account_id, limit):
        try:
            db.session.execute(sa.text("select no_such_column"))
        except sa.exc.ProgrammingError:
            raise Refusal("That did not work.") from None

    monkeypatch.setattr(sessions.sign_ins, "of", broken)
    answer = browser.get("/account/sessions")
    assert answer.status_code == 409
    assert "Jan Testowy" in answer.text
    assert people.run("select 1") == [(1,)]
