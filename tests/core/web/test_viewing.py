"""Seeing as another role: read-only by the door and by the database, kept with its reason (F-44)."""

from __future__ import annotations

from datetime import UTC, datetime

import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import access, roles, viewing
from core.security.reasons import NoReason


@pytest.fixture
def officer(browser, person, world):
    account = person("officer", "district_officer", world.district)
    browser.enter("officer")
    return account


def look(browser, role="director", place="", reason="helps on the telephone"):
    return browser.post("/account/see-as", data={"role": role, "place": place, "reason": reason})


@pytest.fixture
def looking(browser, officer, world, monkeypatch):
    from core.host import hooks

    real = hooks.ask
    numbers = {"F-1": world.facilities[0], "F-9": world.neighbors[0]}

    def ask(question, **facts):
        return [numbers.get(facts["reference"])] if question == "facility_number" else real(question, **facts)

    monkeypatch.setattr(hooks, "ask", ask)
    assert look(browser, place="F-1").location == "/start"
    return browser


@pytest.mark.rule("F-44")
def test_one_sees_the_other_post_at_the_top_of_every_page(looking):
    text = looking.get("/account").text
    assert "Seen as Director, read only" in text
    assert "Change post" in text


def test_who_looked_where_and_why_is_kept(looking, officer, world):
    kept = people.run("select account_id, pk, place_no, reason, fields from core.reading")
    assert kept == [(officer, "director", world.facilities[0], "helps on the telephone", ["seen as"])]


@pytest.mark.rule("F-44")
def test_nothing_is_changed_through_the_door(looking, app):
    asked = 0
    for rule in app.url_map.iter_rules():
        for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            if rule.endpoint in ("account.post", "account.language", "security.logout"):
                continue
            values = dict.fromkeys(rule.arguments, "1")
            answer = looking.open(
                app.url_map.bind("localhost").build(rule.endpoint, values, method=method), method=method
            )
            assert answer.status_code == 403, rule
            asked += 1
    assert asked >= 4


def test_nothing_is_changed_past_the_door(looking, app, monkeypatch, world):
    """Even a page that writes while it is read meets the database's refusal."""

    def writes():
        access.note("test")
        db.session.execute(sa.text("update core.post set reason = 'x'"))
        return "written"

    monkeypatch.setitem(app.view_functions, "account.mine", writes)
    answer = looking.get("/account")
    assert answer.status_code == 403
    assert "only look here" in answer.text


def test_changing_back_ends_it(looking):
    [(post,)] = people.run("select id from core.post")
    assert looking.post("/post", data={"post": ""}).status_code == 302
    assert "Seen as" in looking.get("/account").text
    assert looking.post("/post", data={"post": post}).status_code == 302
    assert "Seen as" not in looking.get("/account").text


def test_it_ends_by_itself_with_time_role_or_signing_out(looking, browser, time_machine):
    time_machine.move_to(datetime.now(UTC))
    time_machine.shift(viewing.LONGEST + 1)
    assert "Seen as" not in looking.get("/account").text
    looking.post("/logout")
    browser.enter("officer")
    assert "seen_as" not in browser.session


def test_a_view_outside_ones_scope_of_now_is_dropped(looking, world):
    with looking.client.session_transaction() as session:
        session["seen_as"] = {**session["seen_as"], "place": world.far[0], "block": [world.far[0]] * 2}
    assert "Seen as" not in looking.get("/account").text


@pytest.mark.parametrize(
    ("role", "place", "reason", "status"),
    [
        ("director", "F-9", "x", 404),
        ("director", "nowhere", "x", 404),
        ("director", "F-1", " ", 409),
        ("city_officer", "F-1", "x", 409),
        ("nobody", "F-1", "x", 409),
    ],
)
def test_only_narrower_roles_at_ones_own_places_with_a_reason(looking, role, place, reason, status):
    [(post,)] = people.run("select id from core.post")
    looking.post("/post", data={"post": post})
    assert look(looking, role, place, reason).status_code == status


def test_a_director_looks_as_nobody(acting, world):
    with acting("director", world.facilities[0]), pytest.raises(Forbidden):
        viewing.begin("front_desk", world.facilities[0], reason="x")


def test_the_service_refuses_on_its_own(acting, world):
    with acting("district_officer", world.district):
        with pytest.raises(roles.NotYours):
            viewing.begin("district_officer", world.district, reason="x")
        with pytest.raises(NotFound):
            viewing.begin("director", world.neighbors[0], reason="x")
        with pytest.raises(NoReason):
            viewing.begin("director", world.facilities[0], reason="")
        view = viewing.begin("director", world.facilities[0], reason="x")
        assert view.scope(access.scopes.current()).facilities == (world.facilities[0],)
    with acting("city_officer", world.city):
        view = viewing.begin("district_officer", world.district, reason="x")
        assert view.scope(access.scopes.current()).ranges == ((world.district, view.block[1]),)
