"""Many rows at once: COPY into a temporary twin of a table (PostgreSQL refuses COPY under row security), then set-based
statements that the row walls check like any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from core.db.base import db


def stage(table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> None:
    """Fill a temporary table `name` with `columns` typed as in `table`; it lives until the transaction ends."""
    connection = db.session.connection()
    listed = ", ".join(f'"{column}"' for column in columns)
    connection.exec_driver_sql(f'drop table if exists pg_temp."{name}"')  # a second file in the same transaction
    connection.exec_driver_sql(
        f'create temporary table "{name}" on commit drop as select {listed} from {table.fullname} limit 0'
    )
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    connection.exec_driver_sql(f'analyze "{name}"')
