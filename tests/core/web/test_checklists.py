"""Every step of every pack's checklist leads to a page that is there (F-41)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from core.host import packs
from core.regions.atlas import atlas
from core.security import scope as scopes

ROOT = Path(__file__).resolve().parents[3]
LISTS = sorted(ROOT.glob("plugins/*/checklist.toml"))


def steps():
    for path in LISTS:
        for step in tomllib.loads(path.read_text(encoding="utf-8"))["step"]:
            yield path.parent.name, step


@pytest.fixture
def officer(browser, person, world):
    person("admin", "administrator", world.city)
    browser.enter("admin")
    return browser


def test_every_link_of_every_checklist_leads_to_a_page(officer):
    assert LISTS
    wrong, seen = [], {}
    for pack, step in steps():
        link = step["link"]
        if link not in seen:
            seen[link] = officer.get(link).status_code
        if seen[link] != 200:
            wrong.append(f"{pack} {step['id']}: {link} answers {seen[link]}")
    assert not wrong


def test_every_step_is_for_an_occasion_the_page_shows(app):
    for pack, step in steps():
        assert step["when"] in packs.OCCASIONS, f"{pack} {step['id']}"


@pytest.mark.rule("F-41")
@pytest.mark.parametrize("when", packs.OCCASIONS)
def test_the_page_of_a_region_shows_the_steps_of_the_occasion(browser, person, app, when):
    from core.host.running import running

    with scopes.system("open a region for a test"):
        from core.db.base import db

        packs.open_with_modules(running().registry, "KR-11", "kr_seoul")
        db.session.commit()
        number = atlas().by_code["KR-11"].no
    person("admin", "administrator", number)
    browser.enter("admin")
    page = browser.get(f"/office/core/regions/checklist?region=KR-11&when={when}")
    assert page.status_code == 200
    wanted = {s["title"] for pack, s in steps() if pack == "kr_seoul" and s["when"] == when}
    assert wanted
    shown = set(re.findall(r'<th scope="row">([^<]+)</th>', page.text))
    assert wanted <= shown
    assert "/office/core/policies/" in page.text


def test_an_unknown_occasion_is_not_there(officer):
    assert officer.get("/office/core/regions/checklist?region=XA-1&when=school_year").status_code == 404
