"""A database at one moment: rows and checksum of every table, sequences, and the walls around them as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from core.db.backup.refusals import RightMissing
from core.db.servers.address import Servers

_OURS = "n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'public')"
_ALIKE = (
    "set local search_path = ''",  # definitions then name every schema
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO, YMD'",
    "set local intervalstyle = 'postgres'",
    "set local bytea_output = 'hex'",
    "set local extra_float_digits = 1",
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",  # it stays open while pg_dump runs
)
#: Each object with its definition; what an Alembic comparison does not see is here (pitfalls.md 2.6).
_STRUCTURE = {
    "columns": f"""
        select n.nspname || '.' || c.relname, a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
               || case when a.attnotnull then ' not null' else '' end || ' ' || a.attidentity::text
               || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
          left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped and {_OURS}""",
    "row security": f"""
        select n.nspname || '.' || c.relname, 'row security ' || c.relrowsecurity || ', forced ' || c.relforcerowsecurity
          from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and {_OURS}""",
    "policies": f"""
        select n.nspname || '.' || c.relname, 'policy ' || p.polname || ' ' || p.polcmd::text || ' ' || p.polpermissive
               || ' to ' || (select string_agg(r.rolname, ',' order by r.rolname) from pg_roles r where r.oid = any(p.polroles))
               || coalesce(' using ' || pg_get_expr(p.polqual, p.polrelid), '')
               || coalesce(' check ' || pg_get_expr(p.polwithcheck, p.polrelid), '')
          from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where {_OURS}""",
    "triggers": f"""
        select n.nspname || '.' || c.relname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
          from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
         where not t.tgisinternal and {_OURS}""",
    "constraints": f"""
        select n.nspname || '.' || c.relname, k.conname || ' ' || pg_get_constraintdef(k.oid) || ' valid ' || k.convalidated
          from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace where {_OURS}""",
    "indexes": f"""
        select n.nspname || '.' || c.relname, pg_get_indexdef(i.indexrelid) || ' valid ' || i.indisvalid
          from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where {_OURS}""",
    "rights": f"""
        select n.nspname || '.' || c.relname, 'grant ' || a.privilege_type || ' to ' || coalesce(r.rolname, 'public')
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
          left join pg_roles r on r.oid = a.grantee where c.relkind in ('r', 'p', 'v', 'S') and {_OURS}""",
    "functions": f"""
        select n.nspname || '.' || f.proname, pg_get_functiondef(f.oid) || ' '
               || coalesce((select string_agg(x::text, ',' order by x::text) from unnest(f.proacl) x), '')
          from pg_proc f join pg_namespace n on n.oid = f.pronamespace where f.prokind in ('f', 'p') and {_OURS}""",
    "default rights": f"""
        select n.nspname, 'default ' || d.defaclobjtype::text || ' '
               || (select string_agg(x::text, ',' order by x::text) from unnest(d.defaclacl) x)
          from pg_default_acl d join pg_namespace n on n.oid = d.defaclnamespace where {_OURS}""",
}


#: PostgreSQL words `check (x in ('a', 'b'))` on a varchar with other casts and brackets once it was dumped and restored;
#: all other definitions come back to the letter.
_CHECK = re.compile(r"(?<= CHECK )\(.*\)")
_CASTS = re.compile(r"::(?:character varying|text)(?:\[\])?|[()]")


def _reworded(found: re.Match[str]) -> str:
    """A check without casts to text and brackets; names, values and operators stay."""
    return " ".join(_CASTS.sub("", found[0]).split())


@dataclass
class Snapshot:
    """One read-only transaction; `name` lets pg_dump read the same moment."""

    connection: psycopg.Connection[Any]
    name: str

    def facts(self) -> dict[str, Any]:
        """Everything that is compared, ready for the manifest."""
        return {
            "tables": {table: self.table(table) for table in self.tables()},
            "sequences": self.sequences(),
            "structure": self.structure(),
            "modules": self.modules(),
            "owner": self.owner(),
            "postgres": self.connection.info.server_version,
        }

    def tables(self) -> list[str]:
        """All tables with rows of their own, as schema.table."""
        return self._column(
            f"select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            f"where c.relkind = 'r' and {_OURS} order by 1"
        )

    def table(self, name: str) -> dict[str, Any]:
        """Rows and checksum, whatever the order of the rows: the sums of both halves of every row's MD5.

        A sum, unlike exclusive or, also sees a row that is there twice. Runs in the server, in constant memory.
        """
        row = self.connection.execute(
            sql.SQL(
                "select count(*), sum(('x' || left(h, 16))::bit(64)::bigint::numeric)::text, "
                "sum(('x' || right(h, 16))::bit(64)::bigint::numeric)::text "
                'from (select md5((one.*)::text) as h from only {} as one) as hashes'
            ).format(sql.Identifier(*name.split(".", 1)))
        ).fetchone()
        assert row is not None
        return {"rows": row[0], "sum": f"{row[1] or 0}:{row[2] or 0}"}

    def sequences(self) -> dict[str, int]:
        """The last number each sequence gave; they stand outside transactions, so a copy may be ahead, never behind."""
        rows = self.connection.execute(
            "select schemaname || '.' || sequencename, last_value from pg_sequences s "
            "where schemaname not like 'pg\\_%' and schemaname <> 'public' and last_value is not null order by 1"
        ).fetchall()
        return dict(rows)

    def structure(self) -> dict[str, list[str]]:
        """The definitions of every table and function, sorted."""
        found: dict[str, list[str]] = {}
        for query in _STRUCTURE.values():
            for name, definition in self.connection.execute(query.encode()).fetchall():
                found.setdefault(name, []).append(_CHECK.sub(_reworded, definition))
        return {name: sorted(lines) for name, lines in sorted(found.items())}

    def modules(self) -> dict[str, str]:
        """The migration revision of each schema."""
        schemas = self._column(
            f"select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            f"where c.relname = 'alembic_version' and {_OURS} order by 1"
        )
        found = {}
        for schema in schemas:
            query = sql.SQL("select version_num from {}").format(sql.Identifier(schema, "alembic_version"))
            row = self.connection.execute(query).fetchone()
            found[schema] = row[0] if row else ""
        return found

    def owner(self) -> str:
        """The role that owns the tables."""
        owners = self._column(
            f"select distinct pg_get_userbyid(c.relowner) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            f"where c.relkind in ('r', 'p') and {_OURS} order by 1"
        )
        return ",".join(owners)

    def _column(self, query: str) -> list[str]:
        return [row[0] for row in self.connection.execute(query.encode()).fetchall()]


@contextmanager
def snapshot(servers: Servers) -> Iterator[Snapshot]:
    """Look at the whole database as it is now, row security aside. Raises `RightMissing`."""
    with psycopg.connect(reader_url(servers)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        row = connection.execute("select pg_export_snapshot()").fetchone()
        assert row is not None
        for setting in _ALIKE:
            connection.execute(setting.encode())
        yield Snapshot(connection, row[0])
        connection.rollback()


def reader_url(servers: Servers) -> str:
    """The address of a role that sees all rows: the embedded server's administrator, else an owner who may."""
    if servers.admin_url:
        return servers.admin_url
    with psycopg.connect(servers.owner_url) as connection:
        row = connection.execute(
            "select rolsuper or rolbypassrls, rolname from pg_roles where rolname = current_user"
        ).fetchone()
    assert row is not None
    if not row[0]:
        raise RightMissing(
            f"DATABASE_URL: the role {row[1]} does not see all rows, so the backup would be empty; have an administrator "
            f"run: alter role {row[1]} bypassrls (people work under other roles and gain nothing by it)"
        )
    return servers.owner_url
