"""The addresses of the servers in use, one for each role, and how they are spelled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

DATABASE = "dolbom"
#: Seconds a request waits for Redis. A busy or halted machine may well let Redis be silent for one second
#: without anything being wrong.
REDIS_TIMEOUTS: dict[str, Any] = {"socket_connect_timeout": 2, "socket_timeout": 2}


@dataclass(frozen=True)
class Servers:
    """What everybody connects with. The addresses hold passwords, so they stay out of `repr`."""

    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    system_url: str = field(repr=False)
    public_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    admin_url: str | None = field(repr=False)
    pg_bin: Path | None
    embedded: bool

    def in_redis(self, name: str) -> str:
        """The name of something of ours in a Redis that other installations may use too.

        All who serve one database compute the same; passwords and roles stay out of it.
        """
        parts = urlsplit(self.system_url)
        host = parse_qs(parts.query).get("host", [""])[0] or f"{parts.hostname}:{parts.port or 5432}"
        return f"dolbom-{hashlib.sha256(f'{host}{parts.path}'.encode()).hexdigest()[:8]}-{name}"


def url(role: str, password: str, sockets: Path, database: str) -> str:
    """A PostgreSQL address over a unix socket, as SQLAlchemy and libpq both read it."""
    return f"postgresql://{role}:{quote(password)}@/{quote(database)}?host={quote(str(sockets), safe='/')}"


def on_database(address: str, database: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(address)._replace(path="/" + quote(database)))


def as_role(address: str, role: str, password: str) -> str:
    """The same server and database, another role."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password, safe='')}@{host}"))


def redis_url(sockets: Path, database: int = 0) -> str:
    """Valkey's address over its unix socket."""
    return f"unix://{quote(str(sockets / 'valkey.sock'), safe='/')}?db={database}"
