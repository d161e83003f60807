"""What every command shares: servers, a migrated database, an application, a scope with a name; JSON and errors."""

from __future__ import annotations

import errno
import getpass
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import wraps
from typing import Any

import click
import sqlalchemy as sa
from apiflask import APIFlask

from core.config import Settings, load_settings
from core.db import migrations
from core.db.servers import attach
from core.errors import NO_ROOM, DolbomError, ServerError
from core.host.lifecycle import core_scripts
from core.host.running import running
from core.security import access
from core.security import scope as scopes


@contextmanager
def opened(what: str, *, migrate: bool = True) -> Iterator[APIFlask]:
    """An application on this home's servers with its context pushed, in a system scope that names the command."""
    from core.app import create_app

    settings = load_settings()
    with attach(settings) as attached:
        app = create_app(settings, servers=attached.servers)
        _only_what_went_wrong()
        with app.app_context():
            if migrate:
                bring_up_to_date()
            with access.asking(), scopes.system(f"command: {what}", actor=f"cli:{_user()}"):
                yield app


def _only_what_went_wrong() -> None:
    """Standard error of a short command is for people: lines of the service's log come from `up`, `serve` and `worker`."""
    ours = logging.getLogger("dolbom")
    ours.setLevel(max(ours.level, logging.WARNING))


def bring_up_to_date() -> None:
    """Migrate an empty or older database; a current one costs one look."""
    life = running().lifecycle
    with life.owner.connect() as connection:
        current = migrations.revision(connection, "core") == migrations.head(core_scripts(life.root))
        names = (
            set(connection.exec_driver_sql("select name || version from core.module").scalars())
            if current
            else set()
        )
    if not current or {m.name + m.version for m in life.registry} - names:
        life.upgrade_all()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def settings() -> Settings:
    """The settings of this command."""
    return load_settings()


def show(value: Any, as_json: bool, text: Callable[[Any], str] | None = None) -> None:
    """Print a result: one JSON document and nothing else with --json, else words."""
    plain = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    if as_json or text is None:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=None if as_json else 2, default=_plain))
    else:
        click.echo(text(value))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals, full disks and servers that went away into one line on stderr and exit code 2; a fault of ours is not caught."""

    @wraps(command)
    def run(*args: Any, **kw: Any) -> Any:
        try:
            return command(*args, **kw)
        except DolbomError as refused:
            click.echo(f"error [{refused.code}]: {refused}", err=True)
            sys.exit(2)
        except OSError as error:
            click.echo(f"error [os]: {_of_system(error)}", err=True)
            sys.exit(2)
        except _server_errors() as error:
            click.echo(f"error [{ServerError.code}.away]: {_of_server(error)}", err=True)
            sys.exit(2)

    return run


def _of_system(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in NO_ROOM:
        return f"{place}{error.strerror}; free some space there, then give the command again"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{place}{error.strerror}; this user must be able to write there"
    return f"{place}{error.strerror or error}"


def _server_errors() -> tuple[type[Exception], ...]:
    """Looked up only when something failed: the drivers are slow to import."""
    import psycopg
    import redis

    return sa.exc.OperationalError, sa.exc.InterfaceError, psycopg.OperationalError, redis.ConnectionError


def _of_server(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    text = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    return (
        f"{text}; what was not finished is undone: look at {load_settings().home / 'log'}, then give the command again"
    )


class Day(click.ParamType[date]):
    """A date as 2026-03-01."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Read the date or say how to write it."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date: write it like 2026-03-01", param, ctx)


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
region_option = click.option("--region", required=True, help="Region code, e.g. KR-11.")
