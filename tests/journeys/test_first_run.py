"""The first day of a city, in three languages: region from its pack, register, public search, a capacity change, off and on."""

from __future__ import annotations

from datetime import timedelta

import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.regions.atlas import atlas
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE
from modules.facilities.models import Facility

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Fields missing from ruleset"),
]


def centres(data):
    """Two published centres of 마포구 with coordinates, and how many centres there are."""
    with scopes.system("look for a test"):
        district = atlas().find("KR-11-440")
        query = sa.select(Facility).where(Facility.id.between(district.no, district.hi), Facility.status == "open")
        found = db.session.scalars(query.order_by(Facility.code)).all()
        return district, [(f.id, f.code, f.name, f.capacity) for f in found], f"{len(found)}"


@pytest.mark.parametrize(("language", "width", "dark"), [("ko", 1280, False), ("pl", 820, False), ("en", 390, True)])
def test_from_nothing_to_a_changed_capacity(app, at_screen, language, width, dark):
    people.make("kim.root", "administrator", EVERYWHERE, language=language)
    look = {"width": width, "dark": dark}
    root = at_screen(language, **look).sign_in("kim.root")

    # the region from its pack, with its modules
    page = root.go("/office/core/regions/")
    page.click('form:has(input[name=code][value="KR-11"]) button')
    page.wait_for_url("**/checklist**")
    assert "KR-11" in root.said()
    root.look("checklist")
    page = root.go("/office/core/modules/?at=KR-11", "matrix")
    assert page.locator("table").count() >= 1

    # the register: compared first, then imported
    page = root.go("/office/facilities/import/")
    root.look("import")
    upload(page, "compare")
    drain()
    page.reload()
    root.look("import-compared")
    page = root.go("/office/facilities/import/")
    upload(page, "import")
    drain()
    page.reload()
    page.click("a[href*='/runs/details/']")
    root.look("import-report")
    district, found, _count = centres(app)
    (first, code, name, places), (_second, other, *_rest) = found[:2]

    # a visitor: search by initial consonants or name, map, comparison
    visitor = at_screen(language, **look)
    page = visitor.go(f"/facilities?q={name[:3]}", "search")
    assert name in page.locator("main").inner_text()
    page = visitor.go("/facilities/map", "map")
    page.wait_for_selector(".leaflet-container")
    page = visitor.go(f"/facilities/compare?f={code}&f={other}", "compare")
    assert name in page.locator("main").inner_text()
    visitor.go(f"/facilities/{code}", "facility")

    # the centre asks for other places, the district decides
    people.make("park.director", "director", first, language=language)
    people.make("lee.district", "district_officer", district.no, language=language)
    director = at_screen(language, **look).sign_in("park.director")
    page = director.go(f"/office/facilities/register/details/?id={first}", "centre")
    day = (scopes_today() + timedelta(days=30)).isoformat()
    page.fill("[name=wanted]", str((places or 20) + 1))
    page.fill("[name=effective_on]", day)
    page.fill("[name=reason]", "a room was added")
    page.click('form[action$="/capacity"] button[type=submit]')
    page.wait_for_load_state()
    assert asked(first) == [("requested", (places or 20) + 1)], director.said()
    officer = at_screen(language, **look).sign_in("lee.district")
    page = officer.go("/office/facilities/capacity/")
    page.click('a[href*="/office/facilities/capacity/details/"]')
    page.wait_for_load_state()
    officer.look("capacity")
    page.fill("[name=decision]", "measured on site")
    page.click("button[value=approve]")
    page.wait_for_load_state()
    assert asked(first) == [("approved", (places or 20) + 1)], officer.said()
    assert capacity(first) == places, "until its day the old number of places rules"

    # off: no trace for anybody; on again: everything is there
    switch(root, "facilities")
    assert visitor.page.goto(f"{visitor.address}/facilities/{code}").status == 404
    assert officer.page.goto(f"{officer.address}/office/facilities/capacity/").status == 404
    switch(root, "facilities")
    page = visitor.go(f"/facilities/{code}")
    assert name in page.locator("main").inner_text()
    assert asked(first) == [("approved", (places or 20) + 1)]


def upload(page, act):
    from pathlib import Path

    page.set_input_files("#file", Path(__file__).parents[1] / "data" / "facilities" / "seoul_standard.csv")
    page.select_option("#layout", "seoul-standard")
    page.select_option("#region", "KR-11")
    page.click(f"button[value={act}]")
    page.wait_for_load_state()


def switch(person, module):
    """Turn a module the other way for the city, from today."""
    page = person.go(f"/office/core/modules/change?module={module}&at=KR-11", "module-change")
    page.fill("[name=reason]", "as the city decided")
    page.click("form.confirm button[type=submit]")
    page.wait_for_url("**/office/core/modules/")
    person.look()


def scopes_today():
    with scopes.system("what day is it"):
        return scopes.current().on_date


def asked(facility):
    with scopes.system("look for a test"):
        query = "select state, wanted from facilities.capacity_change where facility_id = :f order by id"
        return [tuple(row) for row in db.session.execute(sa.text(query), {"f": facility})]


def capacity(facility):
    with scopes.system("look for a test"):
        return db.session.scalar(sa.select(Facility.capacity).where(Facility.id == facility))
