"""Centres in the test world, and people who look at them through a browser."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "core"))

import people
from browsing import Browser

from core.db.base import db
from core.regions.atlas import atlas
from core.security import access
from core.security import scope as scopes
from core.web import i18n
from modules.facilities.models import Facility
from modules.facilities.services.register import search_text


@pytest.fixture
def person(app):
    """Make an account with a post: `person("jan", "director", world.facilities[0])` gives its id."""
    return people.make


@pytest.fixture
def system(app):
    """Arrange or look at something past all walls."""
    with access.asking(), scopes.system("arrange a test") as scope:
        yield scope


@pytest.fixture
def browser(app):
    """One browser, nobody signed in."""
    return Browser(app)


@pytest.fixture
def entered(app, person):
    """A browser of a new person with a post: `entered("director", world.facilities[0])`."""

    def _entered(role, place, login=None):
        login = login or f"{role}{place}"
        person(login, role, place)
        browser = Browser(app)
        assert browser.enter(login).status_code == 302
        return browser

    return _entered


@pytest.fixture
def centre(world):
    """Write a centre at a place number of the world; `centre(no, name=…)` gives its code."""

    def _centre(place, **facts):
        facts = {
            "name": f"Centre {place}", "kind": "PRIVATE", "status": "open", "register": "test", "register_no": str(place),
            "address": "1 Long Street", "published": True, "capacity": 20, "enrolled": 15, "source": "import:test",
        } | facts  # fmt: skip
        with access.asking(), scopes.system("a centre for a test"):
            region = atlas().region_of(place)
            code = f"F-{place}"
            row = Facility(
                id=place, region_no=region.no, code=code, search_text=search_text(facts["name"], facts["address"]),
                name_sort=i18n.sort_key(facts["name"]), **facts,
            )  # fmt: skip
            db.session.add(row)
            db.session.commit()
        return code

    return _centre


@pytest.fixture
def sun(world, centre):
    """The code of a centre at the first facility."""
    return centre(world.facilities[0], name="Sunflower")


@pytest.fixture
def mine(sun, world):
    """The same centre in the scope in force: `mine()`."""
    return lambda: db.session.get(Facility, world.facilities[0])
