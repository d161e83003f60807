"""Paging by key: the same rows in the same order, whether PostgreSQL walks an index or sorts what it found."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.regions import tree
from core.security import scope as scopes
from core.web import keyset
from modules.facilities.models import Facility


@pytest.fixture
def garden(world, centre, system):
    """Nine centres that a search for «flower» finds and one it does not."""
    names = ["Sunflower", "Moonflower", "Cornflower", "Zflower", "Aflower", "Bflower", "Cflower", "Dflower", "Eflower"]
    places = tree.allot(world.district, len(names) + 1)
    db.session.commit()
    for number, name in zip(places, [*names, "Tree"], strict=True):
        centre(number, name=name)
    return sorted(names)


def walk():
    """The names of every page from first to last, then back to the first."""

    def read(mark):
        query = sa.select(Facility).where(Facility.search_text.like("%flower%"))
        return keyset.page(
            query, Facility.name_sort, Facility.id, descending=False, size=4, mark=mark, searched=True
        )

    with scopes.public("en"):
        found = read(None)
        there = [[row.name for row in found.rows]]
        while found.next is not None:
            found = read(found.next)
            there.append([row.name for row in found.rows])
        back = [there[-1]]
        while found.previous is not None:
            found = read(found.previous)
            back.append([row.name for row in found.rows])
    return there, back


@pytest.mark.parametrize("few", [-1, keyset.FEW])
def test_pages_are_the_same_by_either_way(garden, monkeypatch, few):
    monkeypatch.setattr(keyset, "FEW", few)
    there, back = walk()
    assert [name for names in there for name in names] == garden
    assert [len(names) for names in there] == [4, 4, 1]
    assert back == there[::-1]


@pytest.mark.parametrize(("few", "sorts"), [(-1, False), (keyset.FEW, True)])
def test_what_an_office_finds_is_sorted_and_not_looked_for_along_the_order(
    garden, entered, world, monkeypatch, few, sorts
):
    """«하나» begins with ㅎ, the last letter: along an index of names it would come after a million others."""
    asked, read = [], keyset.read
    monkeypatch.setattr(keyset, "FEW", few)
    monkeypatch.setattr(keyset, "read", lambda query: asked.append(str(query)) or read(query))
    officer = entered("district_officer", world.district)
    answer = officer.get("/office/facilities/register/?search=flower")
    assert "Aflower" in answer.text
    assert ("ORDER BY greatest(" in asked[-1]) is sorts
    officer.get("/office/facilities/register/")
    assert "greatest(" not in asked[-1]
