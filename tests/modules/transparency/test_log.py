"""The log in the database: in order, without gaps, with its transaction, and unchangeable."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core.db.base import db
from core.host.running import running
from core.security import access
from core.security import scope as scopes
from core.testing import ModuleContract, count_queries, mark_dirty
from modules.transparency import merkle
from modules.transparency.entries import BadEntry, canonical
from modules.transparency.models import Leaf
from modules.transparency.services import append, index_of, leaves, size, steps
from modules.transparency.services.appending import NotTheSystem


class TestTransparency(ModuleContract):
    """The contract."""

    module = "transparency"


@pytest.fixture
def put(app):
    """`put("apply", points=100)` appends a leaf, commits and gives its index and hash."""

    def do(kind="apply", place=None, **facts):
        with access.asking(), scopes.system("a leaf of a test"):
            made = append(kind, place, **facts)
            db.session.commit()
            return index_of(made), made

    return do


def read(start=0, end=10_000, place=None):
    with scopes.system("read the log"):
        return leaves(start, end, place)


def test_leaves_follow_one_another_and_carry_their_hash(put, world):
    made = [put(place=world.facilities[n % 2], pseudonym=f"p{n}", points=n) for n in range(5)]
    assert [index for index, _hash in made] == [0, 1, 2, 3, 4]
    found = read()
    assert [leaf.hash for leaf in found] == [merkle.leaf_hash(leaf.entry) for leaf in found] == [made_hash for _index, made_hash in made]
    assert json.loads(found[3].entry) == {"kind": "apply", "points": 3, "pseudonym": "p3"}
    assert [leaf.index for leaf in read(place=world.facilities[1])] == [1, 3]
    with scopes.system("read the log"):
        assert size() == 5


def test_there_is_no_leaf_without_its_step(put):
    put()
    with access.asking(), scopes.system("a step that fails"):
        assert index_of(append("assess", points=1)) is None, "it has no index before the commit"
        db.session.rollback()
    assert put("withdraw")[0] == 1, "and no gap"


def test_a_person_reads_the_log_and_writes_nothing_into_it(put, acting, world, client):
    put(place=world.facilities[0])
    with acting("director", world.neighbors[0]):
        assert len(leaves(0, 10)) == 1
        with pytest.raises(NotTheSystem, match=r"scope\.system"):
            append("apply")
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.text("insert into transparency.leaf (index, kind, entry, hash) values (1, 'apply', '', '')"))
        db.session.rollback()


@pytest.mark.parametrize(
    "change", ["update transparency.leaf set kind = 'admit'", "delete from transparency.leaf", "truncate transparency.leaf"]
)
def test_nobody_changes_a_leaf(put, change):
    """Not the system's role, and not its owner while the triggers stand."""
    put()
    with scopes.system("tamper"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.text(change))
        db.session.rollback()
    with running().owner.connect() as owner, pytest.raises(sa.exc.IntegrityError, match="never changed"):
        owner.execute(sa.text(change))
    assert [leaf.kind for leaf in read()] == ["apply"]


@pytest.mark.parametrize(("index", "entry", "lie"), [(2, b"{}", b"{}"), (0, b"{}", b"{}"), (1, b"{}", b"[]"), (1, b"x" * 2_049, b"x" * 2_049)])
def test_the_database_takes_only_what_follows(put, index, entry, lie):
    """A gap, a second leaf at one index, a hash of something else, a leaf too long."""
    put()
    with scopes.system("write past the service"), pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.insert(Leaf).values(index=index, kind="apply", entry=entry, hash=merkle.leaf_hash(lie)))


def test_fifty_at_once_leave_no_gap_and_no_double(app):
    def one(number):
        with app.app_context(), access.asking(), scopes.system("a crowd"):
            made = append("apply", number=number)
            db.session.commit()
            return index_of(made)

    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(one, range(50)))
    mark_dirty()
    assert sorted(got) == list(range(50))
    assert [leaf.index for leaf in read()] == list(range(50))


def test_steps_are_read_by_place_and_pseudonym(put, world):
    here, there = world.facilities[:2]
    for number, place in enumerate([here, there, here]):
        put(place=place, entry=f"e{number}", list="F-X/1", points=number)
    with scopes.system("read the log"):
        assert [(step.index, step.subject, step.facts["points"]) for step in steps(here)] == [(2, "e2", 2), (0, "e0", 0)]
        assert [step.index for step in steps(here, subjects=["e0", "e1"])] == [0]
        assert [step.index for step in steps(here, since=1)] == [2]


def test_who_waits_for_a_list_holds_up_nobody_elses_leaf(app):
    """Two transactions with a leaf each take two locks crosswise in the order of their leaves: both commit."""
    first, second = Barrier(2), Barrier(2)

    def one(number):
        with app.app_context(), access.asking(), scopes.system("a crossing"):
            db.session.execute(sa.text("select pg_advisory_xact_lock(:n)"), {"n": 900 + number})
            first.wait(10)
            append("apply", number=number)
            second.wait(10)
            if number == 0:  # it waits for the other, which is about to commit its leaf
                db.session.execute(sa.text("select pg_advisory_xact_lock(901)"))
            db.session.commit()
        return number

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one, range(2))) == [0, 1]
    mark_dirty()
    assert [json.loads(leaf.entry)["number"] for leaf in read()] == [1, 0]


def test_nothing_stays_on_its_way(put):
    put()
    with scopes.system("look"):
        assert db.session.scalar(sa.text("select count(*) from transparency.staged")) == 0


def test_a_leaf_takes_one_statement_however_long_the_log(put):
    for _one in range(3):
        put()
    with access.asking(), scopes.system("count"), count_queries(at_most=2):  # the session's own begin is the other
        append("apply")


@given(st.dictionaries(st.text(max_size=8).filter(lambda name: name != "kind"), st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=30)))
def test_an_entry_is_written_in_one_way(facts):
    try:
        entry = canonical("assess", facts)
    except BadEntry:
        assert any("\ud800" <= sign <= "\udfff" for text in (*facts, *facts.values()) if isinstance(text, str) for sign in text)
        return
    assert entry == canonical("assess", dict(reversed(facts.items())))
    assert json.loads(entry) == {**facts, "kind": "assess"}


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        ("praise", {}, "one of"), ("apply", {"kind": "admit"}, "told once"), ("apply", {"ok": True}, "whole numbers"),
        ("apply", {"share": 0.5}, "whole numbers"), ("apply", {"none": None}, "whole numbers"), ("apply", {"big": 2**53}, "whole numbers"),
        ("apply", {"long": "x" * 2_048}, "a leaf holds 2048"), ("apply", {"half": "\ud800"}, "half a character"),
    ],
)  # fmt: skip
def test_entries_that_are_none(kind, facts, said):
    with pytest.raises(BadEntry, match=said):
        canonical(kind, facts)
