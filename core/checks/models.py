"""Every mapped class says how it is scoped; unique constraints include the place; foreign keys are indexed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import core.host.retention
import core.jobs.models
import core.security.approvals
import core.security.recovering
import core.security.registering  # noqa: F401  every table of core must be known before it is compared
from core.checks.finding import Result
from core.db import migrations
from core.db.base import mapped_classes
from core.host.lifecycle import core_scripts, scripts_of
from core.host.running import Running
from core.security.rows import Scoped


def mapped(here: Running) -> list[Any]:
    """All mapped classes of core and of the running modules."""
    schemas = {"core", *here.registry.modules}
    found = [cls for cls in mapped_classes() if cls.__table__.schema in schemas]
    return sorted(found, key=lambda cls: cls.__table__.fullname)


def scoped_models(here: Running) -> Result:
    """Architecture check 1: FacilityScoped, RegionScoped, PlaceScoped, an extension of one, or Unscoped('reason')."""
    bad = [
        f"{c.__module__}.{c.__name__}"
        for c in mapped(here)
        if not issubclass(c, Scoped) and not hasattr(c, "__unscoped__")
    ]
    return Result(
        "scoped-models", "Every mapped class says how it is scoped.",
        "Derive from FacilityScoped, RegionScoped or PlaceScoped, extend one by Extends, or from Unscoped('why it belongs to no place').",
        bad,
    )  # fmt: skip


def unique_in_scope(here: Running) -> Result:
    """A unique constraint of a scoped table includes the place, else it tells one tenant about another's rows."""
    bad = []
    for cls in mapped(here):
        if not issubclass(cls, Scoped):
            continue
        place, allowed = cls.__scope_column__, getattr(cls, "__global_unique__", ())
        # A parent that carries its own facility makes a key on (parent, …) scoped as well.
        anchors = {place} | {
            fk.parent.name
            for fk in cls.__table__.foreign_keys
            if fk.column.table.schema == cls.__table__.schema
        }
        for constraint in cls.__table__.constraints:
            if (
                isinstance(constraint, sa.UniqueConstraint)
                and constraint.name not in allowed
                and not hasattr(cls, "__account_unique__")
            ):
                columns = {column.name for column in constraint.columns}
                if not columns & anchors:
                    bad.append(f"{cls.__table__.fullname} {constraint.name} ({', '.join(sorted(columns))})")
    return Result(
        "unique-in-scope", "Unique constraints of scoped tables include the place.",
        "Add the scope column, or name the constraint in __global_unique__ with a comment why the value is public.", bad,
    )  # fmt: skip


def indexed_foreign_keys(here: Running) -> Result:
    """Architecture check 8: every foreign key column begins an index."""
    bad = []
    for cls in mapped(here):
        table = cls.__table__
        # An index over expressions has no column of its own.
        lead = {column.name for i in table.indexes for column in list(i.columns)[:1]}
        lead.add(next(iter(table.primary_key.columns)).name)
        lead |= {next(iter(c.columns)).name for c in table.constraints if isinstance(c, sa.UniqueConstraint)}
        bad += [
            f"{table.fullname}.{fk.parent.name}" for fk in table.foreign_keys if fk.parent.name not in lead
        ]
    return Result(
        "indexed-foreign-keys",
        "Every foreign key is indexed.",
        "Add index=True to the column and to its migration.",
        sorted(set(bad)),
    )


def migrated(here: Running) -> Result:
    """Models and schema agree, and every module stands at its newest revision."""
    bad = []
    with here.owner.connect() as connection:
        for scripts in (core_scripts(here.root), *(scripts_of(m, here.root) for m in here.registry)):
            if not scripts.folder.is_dir():
                continue
            at, head = migrations.revision(connection, scripts.schema), migrations.head(scripts)
            if at != head:
                bad.append(f"{scripts.schema}: stands at {at}, newest is {head}")
            bad += [f"{scripts.schema}: {_words(d)}" for d in migrations.differences(connection, scripts)]
    return Result(
        "migrated",
        "Models and tables agree.",
        "Write a migration (or run `dolbom module upgrade NAME`).",
        bad,
    )


def _words(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_words(part) for part in difference)
    return " ".join(str(getattr(part, "name", part)) for part in difference if part is not None)[:160]


CHECKS = (scoped_models, unique_in_scope, indexed_foreign_keys, migrated)
