"""What a request costs before its page does anything, and what it cannot pass without."""

from __future__ import annotations

import people
import pytest

from core.errors import DolbomError
from core.security import access
from core.security import scope as scopes
from core.testing import count_queries


@pytest.fixture
def jan(browser, person, world):
    account = person("jan", "director", world.facilities[0])
    browser.enter("jan")
    browser.get("/account")  # fills the caches of the process and the session, as in every second request
    return account


def test_a_signed_in_page_costs_at_most_three_round_trips(browser, jan):
    with count_queries(at_most=3) as seen:
        assert browser.get("/nowhere").status_code == 404
    assert "core.sign_in" in seen[0]
    with count_queries(at_most=3):
        assert browser.get("/start").status_code == 302


def test_finding_the_person_is_one(browser, jan):
    with count_queries() as seen:
        browser.get("/account/password")
    assert sum("core.sign_in s" in statement for statement in seen) == 1
    assert not any("activation_version" in statement and "sign_in" not in statement for statement in seen), (
        "the version came along"
    )


def test_a_visitor_costs_two(browser):
    browser.get("/nowhere")
    with count_queries(at_most=2):
        browser.get("/nowhere")


def test_files_of_the_theme_cost_none(app, browser, jan):
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "theme.static")
    path = rule.rule.replace("<path:filename>", "css/tokens.css")
    with count_queries(at_most=0):
        assert browser.get(path).status_code == 200


def test_the_menu_does_not_ask_in_place_of_the_page(app, browser, jan, config, monkeypatch):
    """A page that shows the menu but asks for no permission is still refused."""
    from flask import render_template

    config(PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setitem(app.view_functions, "account.mine", lambda: render_template("dolbom/office.html"))
    answer = browser.get("/account", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (500, access.NotAsked.code)


def test_a_public_page_is_read_as_any_visitor_and_written_as_oneself(app, browser, jan, monkeypatch):
    says = access.open_to_all("test")(lambda: f"{scopes.current().kind} {scopes.current().actor}")
    monkeypatch.setitem(app.view_functions, "account.language", says)
    assert browser.get("/language").text == "public visitor"
    assert browser.post("/language").text == f"user account:{jan}"


def test_a_page_of_ones_own_keeps_ones_scope(app, browser, jan, monkeypatch):
    says = access.for_oneself("test")(lambda: scopes.current().actor)
    monkeypatch.setitem(app.view_functions, "account.mine", says)
    assert browser.get("/account").text == f"account:{jan}"


def test_a_public_page_still_asks_in_place_of_its_menu(app, browser, jan, config, monkeypatch):
    """The frame's questions, asked in the person's own scope, are no answer of the page."""
    from flask import render_template

    config(PROPAGATE_EXCEPTIONS=False)
    page = lambda: access.asked().clear() or render_template("dolbom/public.html")  # noqa: E731
    monkeypatch.setitem(app.view_functions, "account.language", access.open_to_all("test")(page))
    answer = browser.get("/language", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (500, access.NotAsked.code)


@pytest.mark.parametrize("mark", [access.open_to_all, access.for_oneself])
def test_a_mark_needs_its_reason(mark):
    with pytest.raises(DolbomError, match=f"{mark.__name__} needs a reason"):
        mark(" ")


def test_the_frame_names_person_post_and_place(browser, jan):
    text = browser.get("/account").text
    for words in ("Someone", "Director", "Testland", "First City", "North"):
        assert words in text


def test_own_rows_only_for_a_role_of_one_self(app, person, world):
    """A parent's post names a district and opens none of its rows."""
    from core.security import identity, sign_ins

    parent = person("parent", "parent", world.district)
    key = sign_ins.begin(parent)
    [(mark,)] = people.run("select fs_uniquifier from core.account where id = :id", id=parent)
    found = identity.identify(mark, key).scope
    assert (found.role, found.place) == ("parent", world.district)
    assert not found.ranges
    assert not found.facilities
    assert not found.covers(world.district)


@pytest.mark.parametrize("role", ["director", "district_officer", "city_officer", "administrator"])
def test_the_scope_of_each_post(person, world, role):
    from core.security import identity, sign_ins

    place = {
        "director": world.facilities[0],
        "district_officer": world.district,
        "city_officer": world.city,
        "administrator": 0,
    }[role]
    account = person("somebody", role, place)
    key = sign_ins.begin(account)
    found = identity.identify(people.column("fs_uniquifier", account), key)
    assert found.scope.covers(world.facilities[0])
    assert found.scope.covers(world.far[0]) is (role == "administrator")
    assert found.scope.covers(world.neighbors[0]) is (role in ("city_officer", "administrator"))
    assert found.timezone == ("UTC" if place == 0 else "Asia/Seoul")
