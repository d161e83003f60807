"""A test database put back as it was, in place: rows only, in one statement, so that a test costs milliseconds.

Copying the template anew costs seconds where processes are slow to start, because every connection has to be opened again.
A test that changed the structure (a module installed, a table made) gets a new copy all the same.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

#: Tables, columns, policies, triggers, functions, constraints and schemas: a change of any gives it a new transaction number.
_STRUCTURE = " union all ".join(
    f"select '{catalogue}', count(*), coalesce(sum(xmin::text::bigint), 0) from pg_catalog.{catalogue} where {ours}"
    for catalogue, ours in (
        ("pg_class", "oid >= 16384 and relpersistence <> 't' and relnamespace <> 'pg_toast'::regnamespace"),
        (
            "pg_attribute",
            "attrelid in (select oid from pg_class where oid >= 16384 and relpersistence <> 't' and relkind = 'r')",
        ),
        ("pg_policy", "true"),
        ("pg_trigger", "true"),
        ("pg_proc", "oid >= 16384"),
        ("pg_constraint", "oid >= 16384"),
        ("pg_namespace", "oid >= 16384 and nspname not like 'pg\\_%'"),
    )
)
_TABLES = (
    "select n.nspname, c.relname, array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 "
    "and not a.attisdropped and a.attgenerated = '' order by a.attnum) from pg_class c join pg_namespace n "
    "on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' "
    "order by 1, 2"
)
#: Far above what one test counts up, so that no cache of an earlier test meets a version it knows.
_STEP = 1_000


class Pristine:
    """A connection of the administrator that remembers the rows of a fresh copy."""

    def __init__(self, admin_url: str) -> None:
        self._connection = psycopg.connect(admin_url, autocommit=True)
        self._run("set lock_timeout = '5s'")
        self._run("set client_min_messages = 'error'")
        self._version = self._rows("select v from core.activation_version")[0][0]
        self._structure = self._rows(_STRUCTURE)
        self._statement = self._remember()

    def close(self) -> None:
        """Forget the rows."""
        self._connection.close()

    def _run(self, statement: str | sql.Composed) -> psycopg.Cursor[Any]:
        return self._connection.execute(statement.encode() if isinstance(statement, str) else statement)

    def _rows(self, query: str) -> list[Any]:
        return self._run(query).fetchall()

    def _remember(self) -> sql.Composed:
        """Keep the rows there are, and make the statement that brings back these and no others."""
        empty, fill = [], []
        tables = [(sql.Identifier(schema, table), columns) for schema, table, columns in self._rows(_TABLES)]
        asked = sql.SQL("select {}, exists (select from {})")
        each = (asked.format(sql.Literal(number), name) for number, (name, _columns) in enumerate(tables))
        filled = dict(self._run(sql.SQL(" union all ").join(each)).fetchall())
        for number, (name, columns) in enumerate(tables):
            empty.append(sql.SQL("delete from {}").format(name))
            if filled[number]:
                kept, wanted = sql.Identifier(f"pristine_{number}"), sql.SQL(", ").join(map(sql.Identifier, columns))
                self._run(sql.SQL("create temp table {} as select * from {}").format(kept, name))
                fill.append(
                    sql.SQL("insert into {} ({}) overriding system value select {} from {}").format(
                        name, wanted, wanted, kept
                    )
                )
        for schema, sequence, last, first in self._rows(
            "select schemaname, sequencename, last_value, start_value from pg_sequences"
        ):
            number, called = (first, False) if last is None else (last, True)
            fill.append(
                sql.SQL("select setval({}::regclass, {}, {})").format(
                    sql.Literal(f'"{schema}"."{sequence}"'), sql.Literal(number), sql.Literal(called)
                )
            )
        # Neither foreign keys nor our triggers may have a say: the rows were right when they were written.
        before = [sql.SQL("set local session_replication_role = replica")]
        return sql.SQL("; ").join([sql.SQL("begin"), *before, *empty, *fill])

    def restore(self) -> bool:
        """Bring the rows back; False when the structure changed or somebody holds a table: take a new copy then."""
        if self._rows(_STRUCTURE) != self._structure:
            return False
        self._version += _STEP
        version = sql.SQL("update core.activation_version set v = {}; commit").format(sql.Literal(self._version))
        try:
            self._run(sql.SQL("; ").join([self._statement, version]))
        except psycopg.errors.LockNotAvailable:
            self._run("rollback")
            return False
        return True
