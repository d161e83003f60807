"""Alembic environment of one module at a time; the connection and its transaction come from `core.db.migrations`."""

from __future__ import annotations

from alembic import context

from core.db.migrations import only_own

_given = context.config.attributes
_schema: str = _given["module"]

context.configure(
    connection=_given["connection"],
    target_metadata=_given["metadata"],
    include_schemas=True,
    include_name=lambda name, type_, parents: name == _schema if type_ == "schema" else True,
    include_object=only_own(_schema),
    version_table_schema=_schema,
    compare_server_default=True,
)
context.run_migrations()
