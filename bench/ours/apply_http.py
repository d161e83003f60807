"""`apply-http`: applications a second through HTTP at eight clients, beside bare transactions inserting the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from bench.baselines import bare_insert
from bench.bed import bed, fill
from bench.families import Sending, centres, prepared, send, wait
from bench.frame import PAGE, Bench, Measured, Pair
from bench.web import OURS, served

FAMILIES, CENTRES, CLIENTS, WARM = 100, 3, 8, 10
_JSONB = 3802


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """The lists hold so many families already; each new family sends to every centre."""
    with bed() as made:
        fill(made, 100)
        here = centres(made, CENTRES)
        for size in sizes:
            for number in here:
                wait(made, number, size)
            with served(OURS, made.environ, "/healthz") as ours:
                each(prepared(made, WARM, here), lambda one: send(ours.port, one))
                waiting = prepared(made, FAMILIES, here)
                applied = each(waiting, lambda one: send(ours.port, one))
            with made.owner() as owner:
                rows = same_rows(owner)
            yield size, {"requests": Pair(applied, bare_insert.rate(made.servers.admin_url or made.servers.owner_url, rows, len(waiting), CLIENTS))}


def each(work: Sequence[Sending], act: Callable[[Sending], None]) -> float:
    """How many a second eight clients get done."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(act, work))
    return len(work) / (time.perf_counter() - began)


def same_rows(owner: psycopg.Connection[Any]) -> list[tuple[sql.Composed, list[Any]]]:
    """One insert for each row that the transaction of the newest application wrote, into tables without trigger or wall."""
    mark = owner.execute("select xmin::text from enrollment.application order by id desc limit 1").fetchone()
    tables = owner.execute(
        "select schemaname, tablename from pg_tables where schemaname in ('core', 'enrollment', 'families', 'transparency') order by 1, 2"
    ).fetchall()
    found = []
    for schema, table in tables:
        name, bare = sql.Identifier(schema, table), sql.Identifier("public", f"bench_{schema}_{table}")
        cursor = owner.execute(sql.SQL("select * from {} where xmin::text = %s").format(name), mark)
        rows, columns = cursor.fetchall(), cursor.description or []
        if not rows:
            continue
        owner.execute(sql.SQL("drop table if exists {}").format(bare))
        owner.execute(sql.SQL("create table {} (like {})").format(bare, name))
        statement = sql.SQL("insert into {} values ({})").format(bare, sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
        found += [
            (statement, [Jsonb(value) if column.type_code == _JSONB and value is not None else value
                         for column, value in zip(columns, row, strict=True)])
            for row in rows
        ]  # fmt: skip
    return found


BENCH = Bench(
    "apply-http", f"applications through HTTP at {CLIENTS} clients, into lists of this length", "/s",
    "bare transactions inserting the same rows", 10_000, {"requests": 0.3}, measure, more_is_better=True, growth=PAGE,
)  # fmt: skip
