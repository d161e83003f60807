"""The page for who cannot get in: one answer for everybody, in words, headers and work."""

from __future__ import annotations

import os
import re
import statistics
import time
from types import SimpleNamespace

import letters
import people
import pytest

from core.jobs import delivery
from core.jobs import recovering as work
from core.security import contacts
from core.testing import count_queries
from core.web import limits, reset

MAIL, DESK = "jan@example.org", "02-330-1234"
NEW = "cztery konie w zimowym ogrodzie"
#: Guesses of the campaign: PROBES=10000 for the long one.
PROBES = int(os.environ.get("PROBES", "300"))
#: Right in everything, and wrong in each way.
KNOWN, UNKNOWN = ("jan", DESK), ("nobody", DESK)
KINDS = [KNOWN, UNKNOWN, ("jan", "02-000-0000"), ("eve", DESK), ("gone", DESK), ("jan", MAIL), ("x" * 200, "1")]


@pytest.fixture
def jan(app, world, person):
    centre = people.centre(world, phone=DESK)
    made = person("jan", "director", centre)
    person("eve", "director", centre)  # without a contact
    person("gone", "director", centre, state="left")
    contacts.confirm(made, contacts.add(made, MAIL), letters.code(MAIL))
    letters.empty()
    return made


def ask(browser, login="jan", proof=DESK, purpose="reset", **more):
    return browser.post("/reset", data={"login": login, "proof": proof, "purpose": purpose}, **more)


def seen(answer):
    """What anybody could compare, without what is random in every answer."""
    body = re.sub(rb'nonce="[^"]*"|value="[^"]{40,}"', b"", answer.data)
    headers = sorted(
        (k, v) for k, v in answer.headers if k not in ("X-Request-Id", "Set-Cookie", "Content-Security-Policy")
    )
    return answer.status_code, body, tuple(headers)


def differences(browsers, probes):
    """How many different answers these questions get, and how much work they cause."""
    answers, costs = set(), set()
    for login, proof in probes:
        browser = browsers()
        with count_queries() as queries:
            answer = ask(browser, login, proof)
        answers.add((seen(answer), seen(browser.get("/reset/sent"))))
        costs.add(len(queries))
    return len(answers), len(costs)


@pytest.mark.rule("S1-220")
def test_the_whole_way_back_in(browser, jan):
    assert "/reset" in browser.get("/login").text
    assert ask(browser).location == "/reset/sent"
    path = letters.link("reset.link")
    page = browser.post(path, data={"password": NEW, "password_confirm": NEW})
    assert page.location == "/login"
    assert browser.enter("jan", NEW).status_code == 302
    assert browser.get(path).status_code == 404


@pytest.mark.rule("S1-223")
def test_unlocking_needs_a_press_of_the_button(browser, jan):
    people.run("update core.account set failed_logins = 9, locked_until = now() + interval '14 minutes'")
    assert "did not work" in browser.enter("jan").text
    ask(browser, purpose="unlock")
    path = letters.link("unlock.link")
    for _n in range(3):  # programs that look at links in messages use none up
        assert browser.get(path).status_code == 200
    assert people.column("locked_until", jan) is not None
    assert browser.post(path).location == "/login"
    assert browser.enter("jan").status_code == 302
    assert browser.post(path).status_code == 404


@pytest.mark.rule("A5-11")
def test_one_answer_and_one_cost_for_everybody(browsers, jan):
    assert differences(browsers, KINDS) == (1, 1)


def test_a_page_that_looked_at_once_would_be_found_out(browsers, jan, monkeypatch):
    """The control: the same measure catches a door that does the work itself, and one that says what it knows."""

    def looks_at_once(login, proof, purpose):
        work.ask(login, proof, purpose)
        delivery.drain()

    monkeypatch.setattr(reset, "recovering", SimpleNamespace(ask=looks_at_once))
    assert differences(browsers, KINDS)[1] > 1


@pytest.mark.slow
def test_no_guess_tells_anything(browser, jan):
    """Enumeration: every answer is the same, and nobody but the one account named rightly gets anything."""
    first = seen(ask(browser, *UNKNOWN))
    for number in range(PROBES):
        login = "jan" if number % 10 == 0 else f"guess{number}"
        assert seen(ask(browser, login, DESK if number % 20 else "02-000-0000")) == first, number
    assert people.run("select count(*) from core.reset_request")[0][0] == PROBES + 1


@pytest.mark.slow
def test_time_tells_nothing(browser, jan):
    times = {KNOWN: [], UNKNOWN: []}
    for _n in range(60):
        for probe, found in times.items():
            began = time.perf_counter()
            ask(browser, *probe)
            found.append(time.perf_counter() - began)
    known, unknown = (statistics.median(one) for one in times.values())
    assert 0.7 < known / unknown < 1.4, (known, unknown)


def test_guesses_from_one_address_end_soon(browser, jan, app, monkeypatch):
    for limiter in app.extensions[limits.EXTENSION]:
        monkeypatch.setattr(limiter, "enabled", True)
        limiter.reset()
    codes = [ask(browser, f"guess{n}", environ_base={"REMOTE_ADDR": "10.1.1.1"}).status_code for n in range(80)]
    assert codes == [302] * 60 + [429] * 20
    for limiter in app.extensions[limits.EXTENSION]:
        limiter.reset()


@pytest.mark.parametrize(
    ("facts", "said"),
    [({"login": ""}, "Please fill this in"), ({"proof": ""}, "Please fill this in"), ({"purpose": "x"}, "Not a valid choice"),
     ({"login": "x" * 300}, "too long")],
)  # fmt: skip
def test_mistakes_are_said(browser, jan, facts, said):
    answer = ask(browser, **facts)
    assert answer.status_code == 422
    assert said in answer.text
    assert people.run("select count(*) from core.reset_request")[0][0] == 0


def test_made_up_links_are_not_there(browser, jan):
    for path in ("/unlock/made-up", "/activate/made-up"):
        assert browser.get(path).status_code == 404
        assert browser.post(path).status_code == 404
