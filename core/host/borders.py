"""While a module is imported nothing is added to the tables of others: what it wants to know of them it keeps in its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from core.db.base import Base, ForeignTable


@contextmanager
def kept(schema: str) -> Iterator[None]:
    """Refuse every column that joins a finished table outside `schema`, before the table or its class knows of it.

    A table is finished once it has its columns; one that is being built belongs to the file that builds it.
    """
    finished = set(Base.metadata.tables.values())

    def finish(table: sa.Table, parent: Any) -> None:
        finished.add(table)

    def join(column: sa.Column[Any], table: Any) -> None:
        if table in finished and table.schema != schema:
            raise ForeignTable(
                f"It adds the column {column.name or ''} to {table.fullname}, which is no table of {schema}: keep it in a "
                f"table of its own, class …(extension.Extends, db.Model, target=…, as_=\"{schema}\") from core.sdk"
            )

    event.listen(sa.Table, "after_parent_attach", finish)
    event.listen(sa.Column, "before_parent_attach", join)
    try:
        yield
    finally:
        event.remove(sa.Table, "after_parent_attach", finish)
        event.remove(sa.Column, "before_parent_attach", join)
