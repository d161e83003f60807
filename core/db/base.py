"""The one declarative base: typed models, readable constraint names, one PostgreSQL schema a module."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from core.db.session import ScopedSession, session_identity
from core.errors import DolbomError

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: Top-level Python package of a third-party module → its schema; discovery fills it before the models are imported.
FOREIGN_PACKAGES: dict[str, str] = {}


def schema_of(python_module: str) -> str:
    """Name the schema a model belongs to by where its file lies: ``modules.fees.models`` → ``fees``."""
    parts = python_module.split(".")
    if parts[0] in ("modules", "plugins") and len(parts) > 1:
        return parts[1]
    return FOREIGN_PACKAGES.get(parts[0], parts[0])


class ForeignTable(DolbomError):
    """A module reaches for a table that is not its own; the text says where its data belongs instead."""

    code: ClassVar[str] = "module.foreign-table"
    http: ClassVar[int] = 500


class Base(DeclarativeBase):
    """Every mapped class of the product; its schema follows from its file and cannot be forgotten."""

    metadata = sa.MetaData(naming_convention=NAMING)

    @classmethod
    def __table_cls__(cls, *args: Any, **kw: Any) -> sa.Table:
        # Not super(): Flask-SQLAlchemy copies this body into a new class, where zero-argument super() breaks.
        own = schema_of(cls.__module__)
        if kw.setdefault("schema", own) != own:
            raise ForeignTable(
                f"{cls.__module__}.{cls.__name__} would be a table of {kw['schema']}: remove schema= from its "
                f"__table_args__, so that it is one of {own}"
            )
        return sa.Table(*args, **kw)


_CONNECT = {"options": "-c search_path=public"}
#: psycopg must not prepare statements: a plan made for a city would then serve one centre (and the reverse).
ENGINE_OPTIONS: dict[str, Any] = {
    "connect_args": {**_CONNECT, "prepare_threshold": None},
    "pool_pre_ping": False,
    "pool_size": 8,
    "max_overflow": 8,
}
#: No wall stands before the system, so one plan serves all. Who is signed in is asked with every request, and planning
#: that statement takes several times as long as running it.
SYSTEM_OPTIONS = {**ENGINE_OPTIONS, "connect_args": _CONNECT}


def mapped_classes(schema: str | None = None) -> list[Any]:
    """Every mapped class, or those of one module's schema."""
    registry: Any = db.Model.registry  # type: ignore[attr-defined]  # Flask-SQLAlchemy types it as its own base
    return [m.class_ for m in registry.mappers if schema is None or m.local_table.schema == schema]


def forget_classes(package: str) -> None:
    """Take the classes of a half-imported package out of the registry, also those whose mapping failed halfway."""
    registry: Any = db.Model.registry  # type: ignore[attr-defined]
    for manager in list(registry._managers):
        home = manager.class_.__module__
        if home == package or home.startswith(f"{package}."):
            registry._dispose_manager_and_mapper(manager)
            registry._managers.pop(manager, None)


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=False,
    session_options={"class_": ScopedSession, "scopefunc": session_identity},
    engine_options=ENGINE_OPTIONS,
)
