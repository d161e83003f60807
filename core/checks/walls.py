"""What Alembic does not see: row-level security, policies, grants and history triggers stand as the models say."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.checks.finding import Result
from core.checks.models import mapped
from core.host.running import Running
from core.security import history_triggers, walls
from core.security.rows import Scoped


def row_walls(here: Running) -> Result:
    """Every scoped table has forced row security and exactly the policies its class asks for, word for word."""
    bad = []
    with here.owner.connect() as connection:
        flags = {row.name: (row.on, row.forced) for row in connection.execute(_FLAGS)}
        standing: dict[str, dict[str, Any]] = {}
        for row in connection.execute(_POLICIES):
            standing.setdefault(row.name, {})[row.policyname] = (row.cmd, row.roles, row.qual, row.with_check)
        for cls in mapped(here):
            table = cls.__table__.fullname
            if not issubclass(cls, Scoped):
                continue
            if flags.get(table) != (True, True):
                bad.append(f"{table}: row security is not enabled and forced")
                continue
            bad += [f"{table}: {text}" for text in _differences(connection, cls, standing.get(table, {}))]
    return Result(
        "row-walls", "The database's row policies are those the models ask for.",
        "Call walls.protect(op, 'schema.table', column=…) in the table's migration, with the same public/own/shared/read as the class.", bad,
    )  # fmt: skip


def _differences(connection: sa.Connection, cls: Any, standing: dict[str, Any]) -> list[str]:
    """Compare with a twin table carrying the wanted policies, so that PostgreSQL itself normalizes both texts."""
    table = cls.__table__
    public = cls.__public__
    wanted = walls.policies(
        cls.__scope_column__, public=public, read=cls.__read__, own=cls.__own__, shared=cls.__shared__
    )
    found = []
    with connection.begin_nested() as inner:
        connection.exec_driver_sql(f"create table {table.schema}.twin_of_check (like {table.fullname})")
        for name, command, role, condition, check in wanted:
            extra = f" with check ({condition})" if check else ""
            connection.exec_driver_sql(
                f"create policy {name} on {table.schema}.twin_of_check for {command} to {role} using ({condition}){extra}"
            )
        twin = {
            row.policyname: (row.cmd, row.roles, row.qual, row.with_check)
            for row in connection.execute(_POLICIES)
            if row.name == f"{table.schema}.twin_of_check"
        }
        inner.rollback()
    for name, facts in twin.items():
        if name not in standing:
            found.append(f"policy {name} is missing")
        elif standing[name] != facts:
            found.append(f"policy {name} differs")
    for name, (_command, roles, _qual, _check) in standing.items():
        if name not in twin and not name.startswith(("officers_", "trigger_", "purge_")):
            found.append(f"policy {name} is not asked for by the class (for {roles})")
    return found


def granted(here: Running) -> Result:
    """Nobody but the owner may reach version tables; visitors reach only what a class publishes."""
    publishing = {
        cls.__table__.fullname
        for cls in mapped(here)
        if getattr(cls, "__public__", None) or getattr(cls, "__read__", "") == "all"
    }
    publishing |= {"core.activation_version", "core.module"}
    with here.owner.connect() as connection:
        rows = connection.execute(_GRANTS).all()
    bad = [
        f"{row.grantee} may {row.privilege_type} {row.name}"
        for row in rows
        if row.name.endswith(".alembic_version")
    ]
    bad += [
        f"visitors may {row.privilege_type} {row.name}"
        for row in rows
        if row.grantee == walls.PUBLIC and (row.name not in publishing or row.privilege_type != "SELECT")
    ]
    return Result(
        "granted",
        "Rights in the database are no wider than published.",
        "Revoke them in a migration.",
        sorted(bad),
    )


def recorded(here: Running) -> Result:
    """Scoped tables record their history, or the class says why not."""
    with here.owner.connect() as connection:
        with_trigger = set(connection.execute(_TRIGGERS, {"names": list(history_triggers.TRIGGERS)}).scalars())
    bad = [
        cls.__table__.fullname
        for cls in mapped(here)
        if issubclass(cls, Scoped)
        and not hasattr(cls, "__no_history__")
        and cls.__table__.fullname not in with_trigger
    ]
    return Result(
        "recorded",
        "Changes of scoped tables are recorded.",
        "Use walls.protect with history, or give the class __no_history__ = 'why'.",
        bad,
    )


_FLAGS = sa.text(
    "select n.nspname || '.' || c.relname as name, c.relrowsecurity as on, c.relforcerowsecurity as forced "
    "from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')"
)
_POLICIES = sa.text(
    "select schemaname || '.' || tablename as name, policyname, cmd, roles::text, qual, with_check from pg_policies"
)
_GRANTS = sa.text(
    "select grantee, privilege_type, table_schema || '.' || table_name as name from information_schema.role_table_grants "
    "where grantee in ('dolbom_app', 'dolbom_public') and table_schema not in ('pg_catalog', 'information_schema', 'public')"
)
_TRIGGERS = sa.text(
    "select n.nspname || '.' || c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid "
    "join pg_namespace n on n.oid = c.relnamespace "
    "where t.tgname = any(:names) and t.tgenabled = 'O' group by 1 having count(*) = cardinality(:names)"
)
CHECKS = (row_walls, granted, recorded)
