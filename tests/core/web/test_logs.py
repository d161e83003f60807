"""Logs hold no name, number or typed text: values are planted everywhere and looked for."""

from __future__ import annotations

import importlib
import io
import json
import logging

import people
import pytest
import sqlalchemy as sa

from core.security import scope as scopes
from core.web import logs

NAME, NUMBER, MAIL, WORD = "Kowalska", "901212-2345678", "anna@planted.example", "tajnehaslo-planted"
PLANTED = (NAME, NUMBER, MAIL, WORD, "김철수", "901212", "9012122345678")


@pytest.fixture
def lines(app):
    """Everything logged during a test, at the finest level; of one logger and those below it where named."""
    stream = io.StringIO()
    handler = logs.handler(stream)
    root = logging.getLogger()
    before = {logger: logger.level for logger in (root, logging.getLogger("dolbom"))}
    root.addHandler(handler)
    for logger in before:
        logger.setLevel(logging.DEBUG)

    def found(below=""):
        written = [json.loads(line) for line in stream.getvalue().splitlines()]
        return [line for line in written if f"{line['logger']}.".startswith(below)]

    yield found
    root.removeHandler(handler)
    for logger, level in before.items():
        logger.setLevel(level)


def clean(found):
    text = json.dumps(found, ensure_ascii=False)
    for planted in PLANTED:
        assert planted not in text, text
    return found


def test_requests_are_one_line_each(lines, browser, person, world):
    person("jan", "director", world.facilities[0])
    browser.enter("jan")
    browser.get("/account")
    found = lines("dolbom.request.")
    assert [(line["method"], line["route"], line["status"]) for line in found] == [
        ("POST", "/login", 302),
        ("GET", "/account", 200),
    ]
    assert found[0]["tenant"] == "-"
    assert found[0]["role"] == "public"
    assert len(found[1]["tenant"]) == 12
    assert str(world.facilities[0]) not in json.dumps(found)
    assert found[1]["role"] == "director"
    assert found[1]["request_id"]
    assert found[1]["ms"] > 0


def test_the_tenant_is_the_same_for_who_has_the_key_only():
    assert logs.tenant(7, b"key") == logs.tenant(7, b"key") != logs.tenant(8, b"key")
    assert logs.tenant(7, b"key") != logs.tenant(7, b"other")


def test_nothing_typed_enters(lines, browser, config, app, monkeypatch, person, world):
    config(PROPAGATE_EXCEPTIONS=False)
    person("kowalska", "director", world.facilities[0], name=f"Anna {NAME}", email=MAIL)
    browser.post("/login", data={"username": NAME, "password": WORD})
    browser.enter("kowalska")
    browser.get(
        f"/facilities?q={NAME}&phone={NUMBER}",
        headers={"User-Agent": NAME, "Referer": f"http://localhost/?{MAIL}"},
    )
    browser.get(f"/{NAME}/김철수/{NUMBER}")
    browser.get(f"/activate/{WORD}")
    browser.post("/language", data={"to": NAME, "next": f"/?{MAIL}"})

    def fail():
        secret = NUMBER  # noqa: F841  a local variable is no part of a line
        with scopes.public():
            from core.db.base import db

            db.session.execute(sa.text("select :a::int"), {"a": f"{NAME} {NUMBER}"})

    monkeypatch.setitem(app.view_functions, "health.healthz", fail)
    assert browser.get("/healthz").status_code == 500
    found = clean(lines())
    failure = next(line for line in found if "error" in line)
    assert failure["level"] == "error"
    assert failure["where"][-1].count(":") == 1
    assert any("tests/core/web/test_logs.py" in place for place in failure["where"])


def test_arguments_are_left_out_and_templates_kept(lines):
    log = logging.getLogger("dolbom.test")
    log.info(
        "import of %s ended",
        NAME,
        extra={"facts": {"count": 3, "name": "facilities.import", "person": NAME, "ms": 1.5}},
    )
    try:
        raise ValueError(f"{NAME} {NUMBER}")
    except ValueError:
        log.exception("could not read %s", MAIL)
    first, second = clean(lines("dolbom.test."))
    assert first["event"] == "import of %s ended"
    assert first["count"] == 3
    assert first["ms"] == 1.5
    assert "person" not in first
    assert second["error"] == "builtins.ValueError"


def test_chained_failures_name_types_only(lines):
    try:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise RuntimeError(NUMBER) from error
    except RuntimeError:
        logging.getLogger("dolbom.test").exception("twice")
    [line] = clean(lines("dolbom.test."))
    assert (line["error"], line["cause"]) == ("builtins.RuntimeError", "builtins.KeyError")


def test_other_libraries_texts_are_replaced_by_their_place(lines):
    logging.getLogger("rq.worker").warning(f"job for {NAME} {NUMBER} failed")  # noqa: G004  as libraries do
    logging.getLogger("sqlalchemy.engine").warning("%s", {"name": NAME})
    found = clean(lines("rq.") + lines("sqlalchemy.engine."))
    assert len(found) == 2
    for line in found:
        assert line["event"].startswith("test_logs:")


def test_of_rq_only_what_went_wrong_is_written(lines):
    importlib.import_module("rq.worker")  # sets a level where none is set
    for name in ("rq.worker", "rq.job", "rq.scheduler"):
        for level in ("debug", "info", "warning"):
            getattr(logging.getLogger(name), level)(level)
    assert [(line["logger"], line["level"]) for line in lines("rq.")] == [
        (name, "warning") for name in ("rq.worker", "rq.job", "rq.scheduler")
    ]


def test_a_reason_given_to_the_system_is_not_repeated(lines, app):
    with scopes.system(f"correct the record of {NAME}"):
        pass
    assert clean(lines())


def test_lines_carry_the_request_they_belong_to(lines, app):
    with app.test_request_context("/x"):
        from flask import g

        g.request_id = "abc"
        logging.getLogger("dolbom.test").info("inside")
    logging.getLogger("dolbom.test").info("outside")
    inside, outside = lines("dolbom.test.")
    assert inside["request_id"] == "abc"
    assert "request_id" not in outside
    assert people.PASSWORD
