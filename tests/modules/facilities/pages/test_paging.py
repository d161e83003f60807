"""Paging by key: the same rows in the same order, whether PostgreSQL walks an index or sorts what it found."""

from __future__ import annotations

import pytest

from core.db.base import db
from core.regions import tree
from core.security import scope as scopes
from core.web import keyset
from modules.facilities.search import Search, page


@pytest.fixture
def garden(world, centre, system):
    """Nine centres that a search for «flower» finds and one it does not."""
    names = ["Sunflower", "Moonflower", "Cornflower", "Zflower", "Aflower", "Bflower", "Cflower", "Dflower", "Eflower"]
    places = tree.allot(world.district, len(names) + 1)
    db.session.commit()
    for number, name in zip(places, [*names, "Tree"], strict=True):
        centre(number, name=name)
    return sorted(names)


def walk(search):
    """The names of every page from first to last, then back to the first."""
    there, mark = [], None
    with scopes.public("en"):
        while True:
            found = page(search, mark, size=4)
            there.append([row.name for row in found.rows])
            if found.next is None:
                break
            mark = found.next
        back = [there[-1]]
        while found.previous is not None:
            found = page(search, found.previous, size=4)
            back.append([row.name for row in found.rows])
    return there, back


@pytest.mark.parametrize(("short", "few"), [(keyset.SHORT, keyset.FEW), (-2, 0), (-2, keyset.FEW)])
def test_pages_are_the_same_by_either_way(garden, monkeypatch, short, few):
    monkeypatch.setattr(keyset, "SHORT", short)
    monkeypatch.setattr(keyset, "FEW", few)
    there, back = walk(Search(q="flower"))
    assert [name for names in there for name in names] == garden
    assert [len(names) for names in there] == [4, 4, 1]
    assert back == there[::-1]


def test_what_a_search_finds_is_sorted_and_not_looked_for_along_the_order(garden, monkeypatch):
    """«하나» begins with ㅎ, the last letter: along an index of names it would come after a million others."""
    asked = []
    monkeypatch.setattr(keyset, "_sizes", {"facilities.facility": (1e6, float("inf"))})
    monkeypatch.setattr(keyset, "read", lambda query: asked.append(str(query)) or [])
    with scopes.public("en"):
        page(Search(q="flower"))
        page(Search())
        monkeypatch.setattr(keyset, "_sizes", {})
        page(Search(q="flower"))
    searched, whole, short = asked
    assert "ORDER BY greatest(" in searched
    assert "ORDER BY facilities.facility.name_sort" in whole
    assert "ORDER BY facilities.facility.name_sort" in short, "a short list is walked sooner than asked about"
