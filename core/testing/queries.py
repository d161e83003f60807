"""Count round trips to the database: a query in a loop is a defect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def count_queries(at_most: int | None = None) -> Iterator[list[str]]:
    """Collect the SQL statements of a block; with `at_most`, more are an assertion error that lists them."""
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    if at_most is not None and len(seen) > at_most:
        listed = "\n".join(statement.replace("\n", " ")[:160] for statement in seen)
        raise AssertionError(f"{len(seen)} queries, at most {at_most} expected:\n{listed}")
