"""Record rules, first wall: every mapped class says how it is scoped, reads are filtered, foreign writes refused.

The second wall, in the database, is `core.security.walls`: this one gives readable refusals, that one is the truth.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    UOWTransaction,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)

from core.db.session import ScopedSession
from core.errors import DolbomError
from core.security import scope as scopes
from core.security.walls import Via

#: Each read unpacks a row up to the column its wall reads; that one stands before all others.
FIRST = -1


class OutOfScope(DolbomError):
    """A write would create, change or move a record of a place outside the scope."""

    code: ClassVar[str] = "rows.out-of-scope"
    http: ClassVar[int] = 404


class Scoped:
    """Ground of the three scoped kinds; `__scope_column__` names the column with the place number."""

    __scope_column__: ClassVar[str]
    #: SQL condition under which visitors may read a row; None = never.
    __public__: ClassVar[str | None] = None
    #: `scope` = only own places' rows are read, `all` = everybody reads, only own places are written.
    __read__: ClassVar[str] = "scope"
    #: Column with the account whose own row it is, whatever its place, or the way to it over another table.
    __own__: ClassVar[str | Via | None] = None
    #: The way to rows one may read, not write, beyond one's places: what others shared.
    __shared__: ClassVar[Via | None] = None
    #: What the table holds, for people; a table with a page of its own is called as that page.
    __title__: ClassVar[Any] = None


class FacilityScoped(Scoped):
    """Rows that belong to one facility."""

    __scope_column__ = "facility_id"

    @declared_attr
    def facility_id(cls) -> Mapped[int]:
        """Number of the facility the row belongs to."""
        return mapped_column(sa.BigInteger, sa.ForeignKey("core.place.no"), index=True, sort_order=FIRST)


class FacilityRoot(Scoped):
    """The row that *is* the facility for its module: its key is the place number."""

    __scope_column__ = "id"

    @declared_attr
    def id(cls) -> Mapped[int]:
        """The place number."""
        return mapped_column(
            sa.BigInteger, sa.ForeignKey("core.place.no"), primary_key=True, autoincrement=False, sort_order=FIRST
        )


class RegionScoped(Scoped):
    """Rows that belong to a region: seen and written by officers of that region or above."""

    __scope_column__ = "region_no"

    @declared_attr
    def region_no(cls) -> Mapped[int]:
        """Number of the region the row belongs to."""
        return mapped_column(sa.BigInteger, sa.ForeignKey("core.region.no"), index=True, sort_order=FIRST)


class PlaceScoped(Scoped):
    """Rows that belong to a region or to a facility, by number (activation, policies, posts, history)."""

    __scope_column__ = "place_no"

    @declared_attr
    def place_no(cls) -> Mapped[int]:
        """Number of the region or facility."""
        return mapped_column(sa.BigInteger, index=True, sort_order=FIRST)


_UNSCOPED: dict[str, type] = {}


def Unscoped(reason: str) -> type:  # noqa: N802  reads as a class in the list of bases
    """A base for tables that belong to no place; the reason is printed by `dolbom check`."""
    if not reason.strip():
        raise DolbomError("Unscoped needs a reason: Unscoped('one row for the whole installation').")
    if reason not in _UNSCOPED:
        _UNSCOPED[reason] = type("Unscoped", (), {"__unscoped__": reason})
    return _UNSCOPED[reason]


def scope_column(model: type[Any]) -> Any:
    """The attribute of a scoped class that holds the place number."""
    return getattr(model, model.__scope_column__)


def within(column: Any, scope: scopes.Scope) -> sa.ColumnElement[bool]:
    """The condition of the scope on `column`, in the form the planner serves quickly (lists short, blocks as ranges)."""
    parts: list[sa.ColumnElement[bool]] = []
    if scope.facilities or not scope.ranges:
        parts.append(column == sa.any_(sa.literal(sorted(scope.facilities), sa.ARRAY(sa.BigInteger))))
    parts.extend(column.between(low, high) for low, high in scope.ranges)
    return sa.or_(*parts)


def criterion(model: type[Any], scope: scopes.Scope) -> sa.ColumnElement[bool]:
    """Which rows of `model` the scope may read: those of its places, and the person's own."""
    ways = [within(scope_column(model), scope)]
    if isinstance(model.__own__, str):
        ways.append(getattr(model, model.__own__) == scope.account_id)
    for via in (model.__own__, model.__shared__):
        if isinstance(via, Via):
            ways.append(getattr(model, via.column).in_(_select(via, scope)))
    return sa.or_(*ways) if scope.account_id else ways[0]


def _select(via: Via, scope: scopes.Scope) -> sa.TextClause:
    found = sa.text(via.select.format(me=":me"))
    return found.bindparams(sa.bindparam("me", scope.account_id, unique=True)) if "{me}" in via.select else found


@event.listens_for(ScopedSession, "do_orm_execute")
def _read_own_rows(state: ORMExecuteState) -> None:
    if not state.is_select or state.is_column_load:
        return
    scope = scopes.current()
    if scope.kind == "user":
        scoped = {
            m.class_
            for m in state.all_mappers
            if issubclass(m.class_, Scoped) and m.class_.__read__ == "scope"
        }
        # Plain expressions, never lambdas: a cached lambda would carry one person's places into another's statement.
        options = [with_loader_criteria(cls, criterion(cls, scope), include_aliases=True) for cls in scoped]
        state.statement = state.statement.options(*options)


@event.listens_for(ScopedSession, "before_flush")
def _write_own_rows(session: ScopedSession, flush_context: UOWTransaction, instances: Any) -> None:
    scope = scopes.current()
    if scope.kind == "system":
        return
    for record in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(record, Scoped):
            continue
        for number in _numbers_of(record):
            if not scope.covers(number) and not _own(record, scope):
                raise OutOfScope(
                    f"{type(record).__name__} belongs to place {number}, which is outside your post. "
                    "Switch to a post at that place, or ask its officer."
                )


def _own(record: Scoped, scope: scopes.Scope) -> bool:
    if isinstance(record.__own__, Via):
        return scope.account_id is not None  # only the database can tell: its wall refuses
    return record.__own__ is not None and getattr(record, record.__own__) == scope.account_id


def _numbers_of(record: Scoped) -> set[int]:
    """The record's place now and before this flush: a row may not be moved out of or into a foreign place."""
    history = inspect(record).attrs[record.__scope_column__].history
    return {number for number in (*history.added, *history.unchanged, *history.deleted) if number is not None}
