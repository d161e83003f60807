"""Use somebody else's PostgreSQL (DATABASE_URL): check it, add our roles, or say what its keeper must do."""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from core.config import Settings
from core.db.servers import roles
from core.db.servers.address import Servers, as_role
from core.db.servers.binaries import OLDEST_POSTGRES, find_postgres
from core.db.servers.home import Home
from core.db.servers.refusals import DatabaseNotPrepared, DatabaseUnreachable, PostgresTooOld
from core.errors import ServerError
from core.secret_files import known_secret, secret

log = logging.getLogger(__name__)
PATIENCE = 10
# Two machines may prepare the same database at the same time.
ADVISORY_LOCK = 0x646F6C626F6D


def servers(home: Home, settings: Settings, bell: str) -> Servers:
    """The addresses of a checked and prepared foreign server."""
    assert settings.database_url is not None
    given = {
        roles.APP: ("DATABASE_APP_URL", settings.database_app_url),
        roles.SYSTEM: ("DATABASE_SYSTEM_URL", settings.database_system_url),
        roles.PUBLIC: ("DATABASE_PUBLIC_URL", settings.database_public_url),
    }
    with connected("DATABASE_URL", settings.database_url) as owner:
        require_version("DATABASE_URL", owner.info.server_version)
        with home.start_lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            owner.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
            _prepare_database(owner)
            urls = {
                role: address or _own_role(home, owner, settings.database_url, role, variable)
                for role, (variable, address) in given.items()
            }
            _grant(owner)
        major = owner.info.server_version // 10000
    for role, (variable, address) in given.items():
        source = variable if address else f"DATABASE_URL, role {role}"
        with connected(source, urls[role]) as connection:
            _require_harmless(source, connection)
    return Servers(
        settings.database_url, urls[roles.APP], urls[roles.SYSTEM], urls[roles.PUBLIC], bell, None,
        _tools(home, settings, major), embedded=False,
    )  # fmt: skip


def connected(variable: str, address: str) -> psycopg.Connection[Any]:
    """A connection, or the refusal that names the variable but never the password in it."""
    parts = urlsplit(address)
    where = f"{parts.hostname or 'local socket'}{parts.path}"
    try:
        return psycopg.connect(address, connect_timeout=PATIENCE, autocommit=True)
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].removeprefix(
            "connection failed: "
        )
        raise DatabaseUnreachable(
            f"{variable} ({where}): {reason}; check that the server runs and that name and password are right"
        ) from None


def require_version(variable: str, number: int) -> None:
    """150004 is 15.4."""
    if number < OLDEST_POSTGRES * 10000:
        raise PostgresTooOld(
            f"{variable}: the server is PostgreSQL {number // 10000}.{number % 10000}; "
            f"Dolbom needs {OLDEST_POSTGRES} or newer: upgrade it, or unset {variable} for the built-in one"
        )


def _prepare_database(owner: psycopg.Connection[Any]) -> None:
    may = owner.execute(
        "select has_database_privilege(current_database(), 'create'), current_database()"
    ).fetchone()
    if may and not may[0]:
        raise DatabaseNotPrepared(
            f"DATABASE_URL: its role may not create schemas; have an administrator run: "
            f"alter database {may[1]} owner to {owner.info.user}"
        )
    owner.execute("alter role current_user set search_path = public")
    owner.execute("set search_path = public")
    try:
        roles.ensure_extensions(owner)
    except psycopg.Error as error:
        wanted = "; ".join(
            f"create extension if not exists {name} with schema public" for name in roles.EXTENSIONS
        )
        raise DatabaseNotPrepared(
            f"DATABASE_URL: {str(error).splitlines()[0]}; "
            f"have an administrator run in that database: {wanted}"
        ) from None
    if not roles.is_leakproof(owner):
        try:
            roles.make_leakproof(owner)
        except psycopg.Error:
            log.warning(
                "DATABASE_URL: search by part of a name is slow until a superuser runs in that database: %s",
                "; ".join(
                    f"alter function pg_catalog.{name}(text, text) leakproof" for name in roles.LEAKPROOF
                ),
            )


def _own_role(home: Home, owner: psycopg.Connection[Any], address: str, role: str, variable: str) -> str:
    """Create the role with a password kept in the home, or find it there from an earlier start."""
    advice = f"set {variable} to the address of a role without tables, SUPERUSER or BYPASSRLS"
    if owner.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        known = known_secret(home.path, role)
        if known is None:
            raise DatabaseNotPrepared(
                f"DATABASE_URL: the role {role} exists there but its password is not in {home.path}/secrets; "
                f"copy that folder from the installation that made it, or {advice}"
            )
        return as_role(address, role, known)
    password = secret(home.path, role)
    try:
        roles.ensure_role(owner, role, password)
    except psycopg.errors.InsufficientPrivilege:
        raise DatabaseNotPrepared(
            f"DATABASE_URL: its role may not create roles; grant it CREATEROLE, or {advice}"
        ) from None
    return as_role(address, role, password)


def _grant(owner: psycopg.Connection[Any]) -> None:
    """Close the database to strangers where it is ours; elsewhere its keeper decides."""
    row = owner.execute(
        "select d.datname, pg_has_role(d.datdba, 'usage'), "
        "(select count(*) from pg_roles where rolname = any(%s)) "
        "from pg_database d where d.datname = current_database()",
        [[roles.APP, roles.SYSTEM, roles.PUBLIC]],
    ).fetchone()
    if row and row[1] and row[2] == 3:
        roles.ensure_grants(owner, row[0])


def _require_harmless(variable: str, connection: psycopg.Connection[Any]) -> None:
    """Row-level security binds neither superusers nor BYPASSRLS: refuse to serve people with such a role."""
    row = connection.execute(
        "select rolsuper or rolbypassrls, rolname from pg_roles where rolname = current_user"
    ).fetchone()
    if row and row[0]:
        raise DatabaseNotPrepared(
            f"{variable}: the role {row[1]} ignores row-level security; "
            f"run: alter role {row[1]} nosuperuser nobypassrls"
        )


def _tools(home: Home, settings: Settings, major: int) -> Path | None:
    """pg_dump and its like, if those installed here can talk to that server."""
    try:
        found = find_postgres(settings.pg_bin, home.path / "none")
    except ServerError:
        return None
    return found.bin if found.major >= major else None
