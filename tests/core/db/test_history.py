"""The change history: a line for each row a statement changed, by whichever way, with what stood there before."""

from __future__ import annotations

import runpy

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from core.config import ROOT
from core.host.running import running
from core.security import history_triggers

FORMER = """
create function core.record_change() returns trigger language plpgsql as 'begin return null; end';
create trigger history after insert or update or delete on core.thing
  for each row execute function core.record_change('key', 'place_no', 'secret', 'other');
"""


@pytest.fixture
def owner(app):
    """The owner's connection in a transaction that is undone, with a table of things."""
    with running().owner.connect() as connection:
        connection.exec_driver_sql(
            "create table core.thing (key int primary key, place_no bigint, word text, secret text, other text)"
        )
        yield connection
        connection.rollback()


@pytest.fixture
def written(owner):
    """`written(statement)`: the lines of the history it adds."""
    history_triggers.attach(_Op(owner), "core.thing", column="place_no", key="key", secret=("secret", "other"))

    def run(statement, **values):
        since = owner.scalar(sa.text("select coalesce(max(id), 0) from core.change"))
        owner.exec_driver_sql("select set_config('dolbom.actor', 'Kim', true), set_config('dolbom.reason', 'why', true)")
        owner.execute(sa.text(statement), values)
        owner.exec_driver_sql("alter table core.change no force row level security")
        lines = owner.execute(
            sa.text(
                "select op, pk, place_no, diff, actor, reason, table_name from core.change where id > :since order by id"
            ),
            {"since": since},
        ).all()
        owner.exec_driver_sql("alter table core.change force row level security")
        assert all(tuple(line[4:]) == ("Kim", "why", "core.thing") for line in lines)
        return [tuple(line[:4]) for line in lines]

    return run


class _Op:
    """Alembic's `op` for one connection."""

    def __init__(self, connection):
        self.connection = connection

    def execute(self, statement):
        self.connection.exec_driver_sql(statement)


MANY = "insert into core.thing select n, 7, 'w' || n, 'hush', 'hush' from generate_series(1, 3) n"


def test_each_row_of_a_statement_has_its_line(written):
    assert written(MANY) == [
        ("I", f"{n}", 7, {"key": n, "place_no": 7, "word": f"w{n}"}) for n in (1, 2, 3)
    ]
    assert written("update core.thing set word = 'new' where key > 1") == [
        ("U", "2", 7, {"word": ["w2", "new"]}),
        ("U", "3", 7, {"word": ["w3", "new"]}),
    ]
    assert written("delete from core.thing where key <> 2") == [
        ("D", "1", 7, {"key": 1, "place_no": 7, "word": "w1"}),
        ("D", "3", 7, {"key": 3, "place_no": 7, "word": "new"}),
    ]


def test_what_changed_nothing_or_only_a_secret_has_no_line(written):
    written(MANY)
    assert written("update core.thing set word = word, secret = 'other words'") == []
    assert written("update core.thing set word = 'x' where false") == []


def test_a_key_that_changes_is_recorded_with_both(written):
    """Rows are paired by their order, not by their key: else whoever changes the key goes unnoticed."""
    written(MANY)
    assert written("update core.thing set key = key + 10, place_no = null where key < 3") == [
        ("U", "11", None, {"key": [1, 11], "place_no": [7, None]}),
        ("U", "12", None, {"key": [2, 12], "place_no": [7, None]}),
    ]


def test_a_value_that_goes_is_in_the_line(written):
    written(MANY)
    assert written("update core.thing set word = null where key = 1") == [("U", "1", 7, {"word": ["w1", None]})]


def test_an_insert_that_becomes_an_update_is_both(written):
    written(MANY)
    upsert = (
        "insert into core.thing values (3, 7, 'again'), (4, 7, 'four') "
        "on conflict (key) do update set word = excluded.word"
    )
    assert sorted(written(upsert)) == [
        ("I", "4", 7, {"key": 4, "place_no": 7, "word": "four"}),
        ("U", "3", 7, {"word": ["w3", "again"]}),
    ]


def test_columns_may_be_called_as_the_triggers_own_words(written, owner):
    for name in ("hidden", "actor", "account", "reason", "whole", "place", "kept", "r", "n"):
        owner.exec_driver_sql(f"alter table core.thing add column {name} text default 'x'")
    assert [line[:3] for line in written("insert into core.thing (key, place_no) values (1, 7)")] == [("I", "1", 7)]
    assert written("update core.thing set hidden = 'y', r = 'y', n = 'y'") == [
        ("U", "1", 7, {"hidden": ["x", "y"], "r": ["x", "y"], "n": ["x", "y"]})
    ]
    assert [line[:3] for line in written("delete from core.thing")] == [("D", "1", 7)]


def test_an_installation_with_the_former_triggers_gets_the_new_ones(owner):
    owner.exec_driver_sql(FORMER)
    upgrade = runpy.run_path(str(ROOT / "migrations/core/0007_history.py"))["upgrade"]
    with Operations.context(MigrationContext.configure(owner)):
        upgrade()
    found = owner.execute(
        sa.text(
            "select tgname, convert_from(replace(encode(tgargs, 'escape'), '\\000', '|')::bytea, 'UTF8') from pg_trigger "
            "where tgrelid = 'core.thing'::regclass order by 1"
        )
    ).all()
    assert found == [(name, "key|place_no|secret|other|") for name in sorted(history_triggers.TRIGGERS)]
