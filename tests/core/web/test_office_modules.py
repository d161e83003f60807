"""Before a module is switched, the page says in words what it holds (F-40)."""

from __future__ import annotations

import re

import pytest

from core.web.office import naming

CHANGE = "/office/core/modules/change?module=facilities&at=XA-1"


@pytest.fixture
def administrator(browser, person, world):
    person("root", "administrator", 0)
    browser.enter("root")
    return browser


def held(page):
    """The heads of the rows, without what stands small below them."""
    return re.findall(r'<th scope="row">([^<]*)<br><small', page.text)


@pytest.mark.rule("F-40")
def test_tables_are_called_as_their_pages_or_what_they_hold(administrator):
    found = held(administrator.get(CHANGE))
    assert {"Centres", "Capacity requests", "Possible doubles", "Imports"} <= set(found), "as the pages"
    assert {"Opening hours", "Closing days", "Changes of status", "Defects found in imports"} <= set(found)
    assert not [name for name in found if "." in name or "_" in name]


@pytest.mark.parametrize(("language", "word"), [("ko", "휴원일"), ("pl", "Dni zamknięcia")])
def test_in_the_language_of_the_reader(administrator, language, word):
    administrator.post("/language", data={"to": language})
    found = held(administrator.get(CHANGE))
    assert word in found
    assert not [name for name in found if name.isascii() and language == "ko"]


def test_a_table_nobody_describes_is_readable_all_the_same(app):
    assert naming.table("props.old_bell") == "Old bell"


@pytest.mark.parametrize(("language", "word"), [("en", "Facilities"), ("ko", "시설"), ("pl", "Placówki")])
def test_the_matrix_names_its_columns_in_the_language_of_the_reader(administrator, language, word):
    administrator.post("/language", data={"to": language})
    heads = re.findall(r'<th scope="col"[^>]*>\s*([^<]*?)\s*</th>', administrator.get("/office/core/modules/").text)
    assert word in heads[1:]
