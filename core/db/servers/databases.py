"""Further databases in the same cluster: one for each test worker, one for a restore drill."""

from __future__ import annotations

from dataclasses import replace

from core.db.servers import roles
from core.db.servers.address import Servers, on_database
from core.db.servers.refusals import DatabaseNotPrepared


def create_database(
    servers: Servers, name: str, template: str | None = None, redis_db: int | None = None
) -> Servers:
    """Create a database like a new Dolbom one, or a copy of `template`, and return its addresses.

    Whoever is still connected to the template is disconnected: PostgreSQL copies only a quiet one. The copy
    has its own queue when `redis_db` (1 to 63) is given.
    """
    import psycopg

    with psycopg.connect(_admin(servers), autocommit=True) as connection:
        if template:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [template]
            )
        roles.create_database(connection, name, template or "template1")
        roles.ensure_grants(connection, name)
    bell = servers.redis_url
    if redis_db is not None:
        bell = bell.partition("?")[0] + f"?db={redis_db}"
    return replace(
        servers,
        owner_url=on_database(servers.owner_url, name),
        app_url=on_database(servers.app_url, name),
        system_url=on_database(servers.system_url, name),
        public_url=on_database(servers.public_url, name),
        admin_url=on_database(_admin(servers), name),
        redis_url=bell,
    )


def drop_database(servers: Servers, name: str) -> None:
    """Drop a database, connected or not."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(on_database(_admin(servers), "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _admin(servers: Servers) -> str:
    if not servers.admin_url:
        raise DatabaseNotPrepared(
            "further databases need the embedded PostgreSQL; unset DATABASE_URL for this command"
        )
    return on_database(servers.admin_url, "postgres")
