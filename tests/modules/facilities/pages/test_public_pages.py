"""Public pages are the same for everybody: whoever is signed in reads them as any visitor (S2-01, S2-37)."""

from __future__ import annotations

import re
from datetime import date

import pytest

from core.db.base import db
from core.regions import activation


@pytest.fixture
def town(world, centre, system):
    """Published centres in two districts of one city and in another city, and a hidden one; codes by name."""
    activation.switch("facilities", world.far_district, on=True, first_day=date(2020, 1, 1), reason="test")
    db.session.commit()
    return {
        "home": centre(world.facilities[0], name="Sunflower", lat=37.5, lon=126.9),
        "hidden": centre(world.facilities[1], name="Hidden", published=False, lat=37.5, lon=126.8),
        "neighbor": centre(world.neighbors[0], name="Moonflower", lat=37.4, lon=126.9),
        "far": centre(world.far[0], name="Starflower", lat=35.1, lon=126.8),
    }


@pytest.fixture
def director(entered, town, world):
    """A browser of the director of the first centre."""
    return entered("director", world.facilities[0])


def content(answer):
    """What a page says without its frame; data as it is."""
    assert answer.status_code == 200
    found = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    return found.group() if found else answer.text


@pytest.mark.rule("S2-37")
@pytest.mark.parametrize(
    "url",
    [
        "/facilities", "/facilities?q=flower", "/facilities?region=XA-2-1", "/facilities/map", "/facilities/points.json",
        "/facilities/outlines.json", "/facilities/{far}", "/facilities/{home}", "/facilities/compare?f={home}&f={far}&f={hidden}",
        "/api/v1/facilities", "/api/v1/facilities/{neighbor}",
    ],
)  # fmt: skip
def test_a_director_reads_what_a_visitor_reads(town, browser, director, url):
    address = url.format(**town)
    assert content(director.get(address)) == content(browser.get(address))


def test_centres_of_other_regions_are_found(town, director):
    for address in ("/facilities", "/facilities/map", "/facilities/points.json", "/api/v1/facilities"):
        text = director.get(address).text
        assert all(name in text for name in ("Sunflower", "Moonflower", "Starflower")), address
        assert "Hidden" not in text


def test_what_is_not_published_is_read_in_the_office_only(town, entered, world):
    officer = entered("district_officer", world.district)
    assert officer.get(f"/facilities/{town['hidden']}").status_code == 404
    assert officer.get(f"/api/v1/facilities/{town['hidden']}").status_code == 404
    assert "Hidden" in officer.get("/office/facilities/register/").text


def test_the_head_names_the_person_and_shows_the_way_to_the_office(town, browser, director):
    text = director.get(f"/facilities/{town['far']}").text
    assert "Someone" in text
    assert "Director" in text
    assert 'href="/office/facilities/capacity/"' in text
    assert 'href="/office/facilities/capacity/"' not in browser.get(f"/facilities/{town['far']}").text


def test_a_register_that_is_off_at_home_does_not_close_the_public_pages(town, director, system, world):
    activation.switch("facilities", world.city, on=False, first_day=date(2020, 1, 2), reason="test")
    db.session.commit()
    assert director.get("/office/facilities/register/").status_code == 404
    text = director.get("/facilities").text
    assert "Starflower" in text
    assert "Sunflower" not in text


def test_the_menu_of_a_visitor_leads_to_public_pages_only(town, browser, director):
    page = browser.get(f"/facilities/{town['home']}").text
    menu = re.search(r'<nav[^>]*id="nav".*?</nav>', page, re.DOTALL) or re.search(r"<nav.*?</nav>", page, re.DOTALL)
    links = re.findall(r'href="([^"]+)"( aria-current="page")?', menu.group())
    assert [(link, bool(here)) for link, here in links] == [("/facilities", True), ("/facilities/map", False), ("/log", False)]
    assert "/office/" not in page
    assert browser.get("/").location == "/facilities", "the address alone leads there too"
