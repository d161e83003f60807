"""pytest plugin of the product and of every module: real servers, a clean database for each test, a small world, counters.

Use `-p core.testing` (pyproject does). Fixtures: `app` (an application on a clean database, app context pushed), `world`
(regions and place numbers), `acting` (work in a role at a place), `client`. `count_queries()` counts round trips.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.config import Settings, load_settings
from core.db.servers import attach
from core.db.servers.address import Servers
from core.db.servers.databases import create_database, drop_database
from core.security import access, passwords
from core.security import scope as scopes
from core.testing.browser import chromium
from core.testing.contract import ModuleContract
from core.testing.pristine import Pristine
from core.testing.queries import count_queries
from core.testing.world import NOBODY, World, build_world, read_world, scope_of

__all__ = ["NOBODY", "ModuleContract", "World", "build_world", "chromium", "count_queries", "mark_dirty", "scope_of"]

TEMPLATE = "dolbom_template"
#: What the product hashes passwords with; tests hash thousands of times and take the cheapest of the same function.
HASHING = dict(passwords.ARGON2)
passwords.ARGON2.update(argon2__time_cost=1, argon2__memory_cost=64)
_dirty = False


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, so that a typo in one is an error."""
    for line in (
        "rule(id): the rule of docs/rules.md this test drives",
        "browser: needs Debian's chromium",
        "slow: takes more than five seconds",
    ):
        config.addinivalue_line("markers", line)


@event.listens_for(Engine, "commit")
def _written(connection: sa.Connection) -> None:
    global _dirty
    _dirty = True


def mark_dirty() -> None:
    """Say that another process wrote to the database: the next test gets a fresh copy."""
    global _dirty
    _dirty = True


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Test settings in a home shared by all pytest workers of this run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    home = Path(tempfile.gettempdir()) / f"dolbom-test-{run}"
    home.mkdir(mode=0o700, exist_ok=True)
    return replace(load_settings({**os.environ, "DOLBOM_ENV": "test", "DOLBOM_HOME": str(home)}), port=0)


@pytest.fixture(scope="session")
def servers(settings: Settings) -> Iterator[Servers]:
    """The embedded servers of this run, with the template database migrated once."""
    with attach(settings) as attached:
        with (settings.home / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = settings.home / "template.done"
            if not done.exists():
                _build_template(settings, create_database(attached.servers, TEMPLATE))
                done.touch()
        yield attached.servers


def _build_template(settings: Settings, servers: Servers) -> None:
    from core.app import create_app
    from core.host.running import running

    app = create_app(settings, servers=servers)
    with app.app_context():
        running().lifecycle.upgrade_all()
        with scopes.system("build the test world"):
            build_world()
    _dispose(app)


@pytest.fixture(scope="session")
def _copy(settings: Settings, servers: Servers) -> Iterator[Copy]:
    from core.app import create_app

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    # the servers are shared, files are not: one worker's uploads are no business of another's tests
    home = settings.home / "workers" / worker
    home.mkdir(mode=0o700, parents=True)
    copy = Copy(servers, worker, home)
    copy.app = create_app(replace(settings, home=home), servers=copy.renew())
    copy.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield copy
    copy.close()


class Copy:
    """The database and the files of one test worker, and the application on them."""

    def __init__(self, servers: Servers, worker: str, home: Path) -> None:
        self.servers, self.name, self.home = servers, f"dolbom_{worker}", home
        self.index = int("0" + "".join(filter(str.isdigit, worker)))
        self.app: Flask | None = None
        self.pristine: Pristine | None = None

    def clean(self) -> None:
        """Undo what the last test wrote, rows and files."""
        global _dirty
        for folder in ("uploads", "post-box"):
            shutil.rmtree(self.home / folder, ignore_errors=True)
        if _dirty and not (self.pristine and self.pristine.restore()):
            self.renew()
        _dirty = False

    def renew(self) -> Servers:
        """Copy the template; returns the copy's addresses."""
        global _dirty
        self._let_go()
        drop_database(self.servers, self.name)
        made = create_database(self.servers, self.name, TEMPLATE, redis_db=1 + self.index % 60)
        self.pristine = Pristine(made.admin_url or made.owner_url)
        _dirty = False
        return made

    def _let_go(self) -> None:
        if self.app:
            _dispose(self.app)
        if self.pristine:
            self.pristine.close()

    def close(self) -> None:
        """Leave nothing behind."""
        self._let_go()
        drop_database(self.servers, self.name)


def _dispose(app: Flask) -> None:
    from core.db.base import db

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(_copy: Copy) -> Iterator[Flask]:
    """The application on a clean database, with its context pushed."""
    _copy.clean()
    assert _copy.app is not None
    with _copy.app.app_context():
        yield _copy.app


@pytest.fixture
def world(app: Flask) -> World:
    """The place numbers of the test world."""
    with scopes.system("read the test world"):
        return read_world()


@pytest.fixture
def acting(app: Flask) -> Callable[..., AbstractContextManager[scopes.Scope]]:
    """`with acting("district_officer", world.district):` works in that role there; a region gives its whole block."""

    @contextmanager
    def act(role: str, place: int, *more: int, account_id: int = NOBODY, **facts: Any) -> Iterator[scopes.Scope]:
        with (
            access.asking(),
            scopes.use(scope_of(role, place, *more, account_id=account_id, **facts)) as scope,
        ):
            yield scope

    return act


@pytest.fixture
def client(app: Flask) -> Any:
    """A test client of the application."""
    return app.test_client()
