"""The four database roles, what each may do, and the extensions every Dolbom database has."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the guardian imports this file and must start without the driver
    import psycopg

log = logging.getLogger(__name__)

OWNER = "dolbom_owner"
APP = "dolbom_app"
SYSTEM = "dolbom_system"
PUBLIC = "dolbom_public"
ROLES = (OWNER, APP, SYSTEM, PUBLIC)
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent", "ltree")
RIGHTS = "login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication"
# ILIKE may only use an index under row-level security when its function promises not to leak what it saw.
LEAKPROOF = ("texticlike", "textlike")


def ensure_role(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """Create the role or bring it back to its rights and password."""
    from psycopg import sql

    found = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    statement = "alter role {} {} password {}" if found else "create role {} {} password {}"
    connection.execute(
        sql.SQL(statement).format(sql.Identifier(role), sql.SQL(RIGHTS), sql.Literal(password))
    )
    # With module schemas in the path Alembic misreads foreign keys; `$user` could be one of them.
    connection.execute(sql.SQL("alter role {} set search_path = public").format(sql.Identifier(role)))


def ensure_extensions(connection: psycopg.Connection[Any]) -> None:
    """Trigram search, exclusion constraints over ranges, accent-free search, label trees."""
    from psycopg import sql

    for name in EXTENSIONS:
        connection.execute(
            sql.SQL("create extension if not exists {} with schema public").format(sql.Identifier(name))
        )


def make_leakproof(connection: psycopg.Connection[Any]) -> None:
    """Let trigram indexes serve ILIKE under row-level security; only a superuser can."""
    for name in LEAKPROOF:
        connection.execute(f"alter function pg_catalog.{name}(text, text) leakproof")


def is_leakproof(connection: psycopg.Connection[Any]) -> bool:
    """Whether someone made both functions leakproof already."""
    row = connection.execute(
        "select bool_and(proleakproof) from pg_proc where oid in "
        "('pg_catalog.texticlike(text, text)'::regprocedure, 'pg_catalog.textlike(text, text)'::regprocedure)"
    ).fetchone()
    return bool(row and row[0])


def create_database(connection: psycopg.Connection[Any], name: str, template: str = "template1") -> None:
    """A database that belongs to the owner role; a copy of the template's files is faster than its log."""
    from psycopg import sql

    connection.execute(
        sql.SQL("create database {} template {} owner {} strategy file_copy").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)
        )
    )


def ensure_grants(connection: psycopg.Connection[Any], database: str) -> None:
    """Only Dolbom's roles may connect; visitors get not even temporary tables."""
    from psycopg import sql

    for statement in (
        "revoke all on database {database} from public",
        "grant connect, temporary on database {database} to {app}, {system}",
        "grant connect on database {database} to {public}",
    ):
        connection.execute(
            sql.SQL(statement).format(
                database=sql.Identifier(database),
                app=sql.Identifier(APP),
                system=sql.Identifier(SYSTEM),
                public=sql.Identifier(PUBLIC),
            )
        )
