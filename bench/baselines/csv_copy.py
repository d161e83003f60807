"""The floor of an import: Python's csv reader into one bare table by COPY, no check, no history, no comparison."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import psycopg
from psycopg import sql


def load(address: str, path: Path) -> float:
    """Seconds to read the file and store it in one table, committed."""
    with psycopg.connect(address) as connection:
        with path.open(encoding="utf-8-sig", newline="") as file:
            columns = [f"c{n}" for n in range(len(next(csv.reader(file))))]
        fields = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in columns)
        connection.execute("drop table if exists public.bench_copy")
        connection.execute(sql.SQL("create table public.bench_copy ({})").format(fields))
        connection.commit()
        began = time.perf_counter()
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            with connection.cursor().copy("copy public.bench_copy from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        connection.commit()
        took = time.perf_counter() - began
        connection.execute("drop table public.bench_copy")
    return took
