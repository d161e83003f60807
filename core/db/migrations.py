"""One schema and one Alembic version table a module; each module is upgraded in one transaction, in dependency order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.schema import CreateSchema

from core.db.base import Base
from core.errors import DolbomError

if TYPE_CHECKING:
    # A web worker never migrates: Alembic and its template engine are loaded where they are used.
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_STRUCTURE = sa.text(
    "select n.nspname || '.' || c.relname as name, x.what from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "cross join lateral (select 'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) "
    "|| case when a.attnotnull then ' not null' else '' end as what "
    "from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
    "union all select 'constraint ' || k.conname from pg_constraint k where k.conrelid = c.oid) x "
    "where c.relkind in ('r', 'p') and n.nspname <> :own and n.nspname !~ '^(pg_|information_schema|public$)'"
)
#: Any process that changes the schema takes this lock first.
LOCK = 7_304_210


class MigrationFailed(DolbomError):
    """A migration did not go through; nothing of it was kept."""

    code: ClassVar[str] = "migration.failed"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Scripts:
    """A module's migration scripts: `schema` is its name, `folder` where the revisions lie."""

    schema: str
    folder: Path
    root: Path


def _config(scripts: Scripts, connection: sa.Connection | None) -> Config:
    from alembic.config import Config

    def escaped(path: Path) -> str:
        return str(path).replace("%", "%%")

    config = Config()
    config.set_main_option("script_location", escaped(scripts.root / "migrations"))
    config.set_main_option("version_locations", escaped(scripts.folder))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(module=scripts.schema, connection=connection, metadata=Base.metadata)
    return config


def upgrade(connection: sa.Connection, scripts: Scripts) -> tuple[str | None, str | None]:
    """Bring one module's schema to its newest revision; returns (before, after). The caller holds the transaction."""
    if not scripts.folder.is_dir():
        return None, None
    connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    _prepare_schema(connection, scripts.schema)
    before = revision(connection, scripts.schema)
    others = _others(connection, scripts.schema)
    from alembic import command

    with _explained(scripts):
        command.upgrade(_config(scripts, connection), "head")
    _require_own_tables(scripts.schema, others ^ _others(connection, scripts.schema))
    connection.execute(
        sa.text(f"revoke all on {scripts.schema}.alembic_version from dolbom_app, dolbom_public")
    )
    return before, revision(connection, scripts.schema)


@contextmanager
def _explained(scripts: Scripts) -> Iterator[None]:
    """Whatever a script raises, a slip of the pen included, is one line with the folder to look into."""
    try:
        yield
    except DolbomError:
        raise
    except Exception as error:
        text = (str(error).splitlines() or ["no reason given"])[0]
        raise MigrationFailed(
            f"{scripts.schema}: {type(error).__name__}: {text}; nothing of it was kept, correct the script in {scripts.folder}"
        ) from error


def _others(connection: sa.Connection, schema: str) -> set[tuple[str, str]]:
    """Columns and constraints of all tables outside `schema`, as (table, what)."""
    return {(row.name, row.what) for row in connection.execute(_STRUCTURE, {"own": schema})}


def _require_own_tables(schema: str, changed: set[tuple[str, str]]) -> None:
    if changed and schema != "core":
        words = ", ".join(sorted(f"{table} ({what})" for table, what in changed)[:5])
        raise MigrationFailed(
            f"{schema}: its migration changes {words}; nothing of it was kept: a module changes tables of its own schema "
            f"only, what it adds to others belongs in an extension table of {schema} (extension.Extends)"
        )


def _prepare_schema(connection: sa.Connection, schema: str) -> None:
    known = connection.scalar(sa.text("select 1 from pg_namespace where nspname = :name"), {"name": schema})
    if known:
        return
    connection.execute(CreateSchema(schema))
    for statement in (
        f"grant usage on schema {schema} to dolbom_app, dolbom_system",
        f"alter default privileges in schema {schema} grant select, insert, update, delete on tables to dolbom_app, dolbom_system",
        f"alter default privileges in schema {schema} grant usage, select on sequences to dolbom_app, dolbom_system",
    ):
        connection.execute(sa.text(statement))


def revision(connection: sa.Connection, schema: str) -> str | None:
    """The revision a module's schema stands at, None before its first."""
    if not connection.scalar(sa.text("select to_regclass(:name)"), {"name": f"{schema}.alembic_version"}):
        return None
    found: str | None = connection.scalar(sa.text(f"select version_num from {schema}.alembic_version"))
    return found


def head(scripts: Scripts) -> str | None:
    """The newest revision among a module's scripts."""
    if not scripts.folder.is_dir():
        return None
    with _explained(scripts):
        return directory(scripts).get_current_head()


def directory(scripts: Scripts) -> ScriptDirectory:
    """A module's revisions and how they follow each other."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config(scripts, None))


def differences(connection: sa.Connection, scripts: Scripts) -> list[Any]:
    """What the module's models and its schema disagree about (policies and triggers are checked elsewhere)."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, type_, parents: (
                name == scripts.schema if type_ == "schema" else True
            ),
            "include_object": only_own(scripts.schema),
            "version_table_schema": scripts.schema,
            "compare_type": True,
        },
    )
    return list(compare_metadata(context, Base.metadata))


def only_own(schema: str) -> Any:
    """An Alembic filter: this module's tables and nobody else's."""

    def include(obj: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:
        return (obj.schema == schema and name != "alembic_version") if type_ == "table" else True

    return include


def foreign_dependants(connection: sa.Connection, schema: str) -> list[str]:
    """Schemas whose tables point into `schema`: found from the catalogue, so it works when all code is gone."""
    return list(
        connection.scalars(
            sa.text(
                "select distinct n2.nspname from pg_constraint c join pg_class t on t.oid = c.confrelid "
                "join pg_namespace n1 on n1.oid = t.relnamespace join pg_class s on s.oid = c.conrelid "
                "join pg_namespace n2 on n2.oid = s.relnamespace "
                "where c.contype = 'f' and n1.nspname = :schema and n2.nspname <> :schema order by 1"
            ),
            {"schema": schema},
        )
    )
