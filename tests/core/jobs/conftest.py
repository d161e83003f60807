"""A toy module with handlers of the test's choice, and a table without a unique key, so that doubles would show."""

from __future__ import annotations

from datetime import date
from types import ModuleType

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.jobs import attempts, handlers
from core.jobs.delivery import deliver
from core.jobs.models import JobAttempt, JobRun, Outbox
from core.regions import activation
from core.security import scope as scopes


@pytest.fixture
def props(app, world):
    """`props(function, …)` makes marked functions the handlers of the module `props`, which is on in the first city."""
    kept = app.extensions.pop("dolbom.jobs", None)
    # The clock tests count rows: only the props' and the host's own schedules are looked at.
    registry = running().registry
    others = {key: part for key, part in registry.loaded.items() if key[1] == "jobs"}
    for key in others:
        del registry.loaded[key]
    with scopes.system("switch the props on"):
        activation.switch("props", world.city, on=True, first_day=date(2020, 1, 1), reason="test")
        db.session.commit()

    def load(*functions, module="props"):
        part = ModuleType(functions[0].__module__)
        for number, function in enumerate(functions):
            setattr(part, f"f{number}", function)
        handlers.book().load(module, part)

    yield load
    registry.loaded.update(others)
    app.extensions.pop("dolbom.jobs", None)
    if kept is not None:
        app.extensions["dolbom.jobs"] = kept


@pytest.fixture
def effects(app):
    """`effects.add(note)` inside a handler, `effects()` reads them all."""
    with running().owner.begin() as owner:
        owner.execute(sa.text("create schema props"))
        owner.execute(sa.text("create table props.effect (id bigint generated always as identity, note text)"))
        owner.execute(sa.text("grant usage on schema props to dolbom_system"))
        owner.execute(sa.text("grant select, insert on props.effect to dolbom_system"))

    def read():
        with db.engines["system"].connect() as connection:
            return list(connection.scalars(sa.text("select note from props.effect order by id")))

    read.add = lambda note: db.session.execute(
        sa.text("insert into props.effect (note) values (:n)"), {"n": str(note)}
    )
    return read


@pytest.fixture
def rows(app):
    """Outbox rows, attempts and runs as the system sees them: `rows()`, `rows(JobAttempt)`."""

    def read(model=Outbox):
        with scopes.system("look at the outbox"):
            return db.session.execute(sa.select(model.__table__).order_by(*model.__table__.primary_key)).all()

    read.attempts = lambda: read(JobAttempt)
    read.runs = lambda: read(JobRun)
    return read


@pytest.fixture
def work(app):
    """Deliver one row by its id."""

    def do(number, worker="w1"):
        with db.engines["system"].connect() as connection:
            found = attempts.peek(connection, [number])
        return next(iter(+deliver(found, worker))) if found else None

    return do


@pytest.fixture
def make_due(app):
    """Move the moment a row may be tried again to now."""

    def move(number):
        with db.engines["system"].begin() as connection:
            connection.execute(
                sa.text("update core.outbox set available_at = clock_timestamp() where id = :i"),
                {"i": number},
            )

    return move
