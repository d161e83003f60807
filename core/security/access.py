"""Permissions an official can read (`access.csv`), the question every act must ask, and the audit that it was asked."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction

from core.db.session import ScopedSession
from core.errors import DolbomError, Forbidden, NotFound
from core.security import scope as scopes

COLUMNS = ("role", "model", "operations", "where")
#: `scope` = at the places of the post, `own` = one's own records, `public` = what visitors see.
WHERE = ("scope", "own", "public")


class NotAsked(DolbomError):
    """Code wrote or answered without asking for permission."""

    code: ClassVar[str] = "access.not-asked"
    http: ClassVar[int] = 500


class BadAccessFile(DolbomError):
    """An `access.csv` cannot be understood."""

    code: ClassVar[str] = "access.bad-file"


@dataclass(frozen=True)
class Rule:
    """One line of an access.csv: who may do what with which model, and where it stands (for `dolbom why`)."""

    role: str
    module: str
    model: str
    operations: frozenset[str]
    where: str
    source: str


class Book:
    """All rules of all loaded modules, looked up by (role, permission)."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], Rule] = {}
        self.permissions: set[str] = set()

    def load(self, module: str, path: Path) -> None:
        """Read one module's access.csv; a wrong line names file, line and what is expected."""
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise BadAccessFile(f"{path}: the first line must be {','.join(COLUMNS)}")
            for row in rows:
                self._add(module, row, f"{path}:{rows.line_num}")

    def _add(self, module: str, row: dict[str, str], source: str) -> None:
        if row["where"] not in WHERE or not row["operations"].split() or None in row.values():
            raise BadAccessFile(
                f"{source}: expected role,model,operations,where with where one of {', '.join(WHERE)}"
            )
        rule = Rule(
            row["role"], module, row["model"], frozenset(row["operations"].split()), row["where"], source
        )
        for operation in rule.operations:
            permission = f"{module}.{rule.model}.{operation}"
            self.permissions.add(permission)
            self._rules[rule.role, permission] = rule

    def find(self, role: str | None, permission: str) -> Rule | None:
        """Give the rule that lets `role` do `permission`, if any."""
        return self._rules.get((role or "", permission))

    def roles(self) -> set[str]:
        """All roles that any rule names."""
        return {role for role, _ in self._rules}

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Every (permission, rule), sorted, for the pages that show them."""
        for (_, permission), rule in sorted(self._rules.items()):
            yield permission, rule


book = Book()

_asked: ContextVar[list[str] | None] = ContextVar("dolbom_asked", default=None)


@contextmanager
def asking() -> Iterator[list[str]]:
    """One unit of work (a request, a job, a command): everything asked in it is noted."""
    questions: list[str] = []
    token = _asked.set(questions)
    try:
        yield questions
    finally:
        _asked.reset(token)


def note(question: str) -> None:
    """Put a question on record (used by `require` and by pages open to all)."""
    noted = _asked.get()
    if noted is not None:
        noted.append(question)


def asked() -> list[str]:
    """What this unit of work has asked so far."""
    return _asked.get() or []


def allowed(permission: str, at: int | None = None) -> bool:
    """Tell whether the current scope may do `permission` (at place `at`), without refusing."""
    if permission not in book.permissions:
        raise DolbomError(f"No access.csv names {permission!r}: add a line or correct the name.")
    me = scopes.current()
    note(permission)
    if me.kind == "system":
        return True
    rule = book.find("visitor" if me.kind == "public" else me.role, permission)
    return rule is not None and (at is None or rule.where != "scope" or me.covers(at))


def require(permission: str, at: int | None = None) -> None:
    """Refuse unless the current post may do `permission`; `at` is the number of the place it is done at.

    Raises `NotFound` when the place is outside the scope (never tell that it exists), `Forbidden` when the role lacks the
    right. System scopes pass: their reason stands in the history.
    """
    if allowed(permission, at):
        return
    me = scopes.current()
    if at is not None and not me.covers(at) and me.kind == "user" and allowed(permission):
        raise NotFound(
            "There is no such record here. It may belong to another place: switch your post or search again."
        )
    raise Forbidden(
        f"Your role ({me.role or 'visitor'}) may not do this ({permission}). Ask your district officer for the right."
    )


View = TypeVar("View", bound=Callable[..., Any])


def open_to_all(reason: str) -> Callable[[View], View]:
    """Mark a route as a public page, with the reason an auditor will read: whoever is signed in reads it as any visitor."""
    return _mark("open_to_all", reason, "the register is public (S2-37)")


def for_oneself(reason: str) -> Callable[[View], View]:
    """Mark a route that acts for the person signed in and so needs no permission, with the reason an auditor will read."""
    return _mark("for_oneself", reason, "one's own sessions")


def for_machines(reason: str) -> Callable[[View], View]:
    """Mark a route that programs call with a secret of their own instead of a person's session: it carries no form token.

    The view itself proves who calls (`machine_secrets.fits`) before it does anything.
    """
    return _mark("for_machines", reason, "a gateway tells what became of a message")


def _mark(name: str, reason: str, example: str) -> Callable[[View], View]:
    if not reason.strip():
        raise DolbomError(f"{name} needs a reason, e.g. '{example}'.")

    def mark(view: View) -> View:
        setattr(view, name, reason)
        return view

    return mark


def _refuse_unasked(what: str) -> None:
    me = scopes.current_or_none()
    if me is not None and me.kind == "system":
        return
    if not asked():
        raise NotAsked(
            f"{what} would be written without asking: begin the service with require('module.model.operation')."
        )


@event.listens_for(ScopedSession, "before_flush")
def _flush_asks(session: ScopedSession, flush_context: UOWTransaction, instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        first = next(iter((*session.new, *session.dirty, *session.deleted)))
        _refuse_unasked(type(first).__name__)


@event.listens_for(ScopedSession, "do_orm_execute")
def _bulk_asks(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _refuse_unasked("A bulk change")
