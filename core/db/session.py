"""Sessions that open only with a key: who works, where, why. The key chooses the database role and is stamped
into every transaction, so that row-level security sees the same scope as the Python code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa
from flask import current_app
from flask_sqlalchemy.session import Session
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, SessionTransaction

from core.errors import DolbomError


class SessionKey(Protocol):
    """What a session needs to know; `core.security.scope.Scope` is the only one in the product."""

    @property
    def engine(self) -> str:
        """Name of the engine, and so of the database role: app, system or public."""

    @property
    def settings(self) -> Mapping[str, str]:
        """Values for `set_config`, read by the row policies and the change history."""


class NoScope(DolbomError):
    """Code touched the database without saying who works, where and why."""

    code: ClassVar[str] = "session.no-scope"
    http: ClassVar[int] = 500


class ScopeChanged(DolbomError):
    """A session was used under another key than it was opened with."""

    code: ClassVar[str] = "session.scope-changed"
    http: ClassVar[int] = 500


_key: ContextVar[SessionKey | None] = ContextVar("dolbom_session_key", default=None)


def key() -> SessionKey:
    """Give the key in force, or refuse."""
    found = _key.get()
    if found is None:
        raise NoScope("No scope is open: wrap the work in scope.use(...) or scope.system('reason').")
    return found


def key_or_none() -> SessionKey | None:
    """Give the key in force, if any."""
    return _key.get()


def _alchemy() -> Any:
    return current_app.extensions["sqlalchemy"]


def session_identity() -> tuple[int, int]:
    """One session for each application context and key, so a nested key never shares loaded objects."""
    app_context = current_app._get_current_object()  # type: ignore[attr-defined]
    return id(app_context), id(_key.get())


@contextmanager
def opened(new_key: SessionKey) -> Iterator[None]:
    """Work under `new_key`; its session is rolled back and forgotten at the end unless it was committed."""
    token = _key.set(new_key)
    try:
        yield
    finally:
        try:
            _alchemy().session.remove()
        finally:
            _key.reset(token)


_SETTINGS = (
    "dolbom.facilities", "dolbom.l1", "dolbom.h1", "dolbom.l2", "dolbom.h2",
    "dolbom.account", "dolbom.actor", "dolbom.reason",
)  # fmt: skip
_STAMP = sa.text(
    "select " + ", ".join(f"set_config('{name}', :p{i}, true)" for i, name in enumerate(_SETTINGS))
)


class ScopedSession(Session):
    """A session whose connection is chosen by the key and by nothing else."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kw: Any) -> Any:
        """Choose the engine of the key's role; a model's own wishes do not count."""
        if bind is not None:
            return bind
        wanted = key().engine
        return _alchemy().engines[None if wanted == "app" else wanted]


@event.listens_for(ScopedSession, "after_begin")
def _stamp(session: ScopedSession, transaction: SessionTransaction, connection: sa.Connection) -> None:
    if transaction.nested:  # the outer transaction's settings hold in savepoints
        return
    mine = key()
    session.info["key"] = mine
    values = mine.settings
    connection.execute(_STAMP, {f"p{i}": values.get(name, "") for i, name in enumerate(_SETTINGS)})


@event.listens_for(ScopedSession, "do_orm_execute")
def _same_key(state: ORMExecuteState) -> None:
    opened_with = state.session.info.get("key")
    if opened_with is not None and opened_with is not key():
        raise ScopeChanged("This session belongs to another scope: finish it before opening the next one.")
