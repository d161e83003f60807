"""Paging by key: every page costs the same, whether the first or the ten-thousandth (performance.md `list`)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.db.base import db
from core.errors import NotFound

#: Up to so many rows are found first and sorted then; a larger part of a list is met soon enough in its order.
FEW = 20_000


@dataclass(frozen=True)
class Page:
    """One page of rows with the marks of its neighbors (None = there is none)."""

    rows: list[Any]
    previous: str | None
    next: str | None
    #: About how many rows there are in all, where that had to be asked.
    estimate: int | None = None


def encode(direction: str, values: list[Any]) -> str:
    """A mark in a URL: which way, and the (sort value, key) of the row to continue from."""
    plain = [value.isoformat() if isinstance(value, date | datetime) else value for value in values]
    return (
        urlsafe_b64encode(json.dumps([direction, *plain], ensure_ascii=False).encode()).decode().rstrip("=")
    )


def decode(mark: str, columns: list[Any]) -> tuple[str, list[Any]]:
    """Read a mark back; a made-up one is answered like a page that is not there."""
    try:
        direction, *values = json.loads(urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        if direction not in ("after", "before") or len(values) != len(columns):
            raise ValueError
        return direction, [_typed(value, column) for value, column in zip(values, columns, strict=True)]
    except (ValueError, TypeError):
        raise NotFound("This page of the list is not there (any more): go back to its start.") from None


def _typed(value: Any, column: Any) -> Any:
    kind = column.type.python_type
    if value is None or isinstance(value, kind):
        return value
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if isinstance(value, int | float | str) and kind in (int, float, str):
        return kind(value)
    raise ValueError(value)


def page(
    query: Any, sort: Any, key: Any, *, descending: bool, size: int, mark: str | None, searched: bool = False
) -> Page:
    """Read one page of `query` (a Query or Select of one entity or of its columns) ordered by (sort, key), continuing from `mark`.

    NULLs sort as the empty value of the type would be unindexable, so rows without a sort value come last and are
    reached through their key alone. A `searched` query finds first and sorts then: what it looks for may stand at the
    end of the order, and PostgreSQL, which thinks it spread evenly, would walk there through everything.
    """
    columns = [key] if sort is key else [sort, key]
    direction, values = decode(mark, columns) if mark else ("after", [])
    forward = direction == "after"
    downward = descending == forward
    if values:
        query = query.filter(_beyond(columns, values, downward))
    about = estimate(query) if searched else None
    ordered = [_unindexed(sort), *columns[1:]] if about is not None and about <= FEW else columns
    order = [column.desc().nulls_first() if downward else column.asc().nulls_last() for column in ordered]
    rows = read(query.order_by(None).order_by(*order).limit(size + 1))
    more, rows = len(rows) > size, rows[:size]
    if not forward:
        rows.reverse()
    first = encode("before", _values(rows[0], columns)) if rows else None
    last = encode("after", _values(rows[-1], columns)) if rows else None
    return Page(
        rows,
        first if (values and forward) or (more and not forward) else None,
        last if more or not forward else None,
        about,
    )


def _unindexed(column: Any) -> Any:
    """The same value by a way no index leads."""
    return sa.func.greatest(column, column)


def read(query: Any) -> list[Any]:
    """The records of a Query or Select; rows, where it names several columns."""
    if not isinstance(query, sa.Select):
        return list(query.all())
    found = db.session.execute(query)
    return list(found) if len(found.keys()) > 1 else list(found.scalars())


def _beyond(columns: list[Any], values: list[Any], downward: bool) -> Any:
    if len(columns) == 1:
        return columns[0] < values[0] if downward else columns[0] > values[0]
    (sort, key), (value, pk) = columns, values
    if value is None:
        rest = sa.and_(sort.is_(None), key < pk if downward else key > pk)
        return sa.or_(rest, sort.is_not(None)) if downward else rest
    pair = sa.tuple_(sort, key)
    beyond = (
        pair < sa.tuple_(sa.literal(value), sa.literal(pk))
        if downward
        else pair > sa.tuple_(sa.literal(value), sa.literal(pk))
    )
    return beyond if downward or not sort.nullable else sa.or_(beyond, sort.is_(None))


def _values(row: Any, columns: list[Any]) -> list[Any]:
    return [getattr(row, column.key) for column in columns]


def estimate(query: Any) -> int:
    """About how many rows a query has, from the planner: no counting over millions."""
    statement = query if isinstance(query, sa.Select) else query.statement
    bare = statement.order_by(None).with_only_columns(sa.text("1"), maintain_column_froms=True)
    plan: Any = db.session.execute(bare, execution_options={_EXPLAINED: True}).scalar()
    return int(plan[0]["Plan"]["Plan Rows"])


_EXPLAINED = "dolbom_explained"


@event.listens_for(Engine, "before_cursor_execute", retval=True)
def _explain(_connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool) -> tuple[str, Any]:
    """Ask for the plan in place of the rows; so the statement is compiled once and kept, as all others are."""
    wanted = context is not None and context.execution_options.get(_EXPLAINED)
    return (f"explain (format json) {statement}" if wanted else statement), parameters
