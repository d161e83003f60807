"""The only key to a session: who works, in which role, at which places, on which day, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from logging import getLogger
from typing import Any, ClassVar, Literal

from core.db import session as sessions
from core.errors import DolbomError

#: Staff scopes are short lists, officers' scopes are ranges: the row policy is fast for these two forms only.
MAX_FACILITIES = 64
MAX_RANGES = 2

_log = getLogger("dolbom.system")


class ScopeTooWide(DolbomError):
    """A scope had a form that the row policies cannot serve quickly."""

    code: ClassVar[str] = "scope.too-wide"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Scope:
    """Everything a session, a permission and a record rule may depend on.

    `facilities` are place numbers; `ranges` are inclusive blocks of place numbers (a region's own number lies in its
    block). A person works in one post at a time, so there is one role and one `place`.
    """

    kind: Literal["user", "public", "system"]
    actor: str
    reason: str = ""
    on_date: date = field(default_factory=lambda: datetime.now(UTC).date())
    account_id: int | None = None
    role: str | None = None
    place: int | None = None
    facilities: tuple[int, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    language: str = "en"

    def __post_init__(self) -> None:
        if len(self.facilities) > MAX_FACILITIES or len(self.ranges) > MAX_RANGES:
            raise ScopeTooWide(
                f"A scope holds at most {MAX_FACILITIES} facilities or {MAX_RANGES} ranges; give the post a region."
            )

    @property
    def engine(self) -> str:
        """The database role this scope works under."""
        return {"user": "app", "public": "public", "system": "system"}[self.kind]

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """The values row policies and the change history read in the database."""
        blocks = (*self.ranges, (1, 0), (1, 0))
        return {
            "dolbom.facilities": "{" + ",".join(map(str, sorted(self.facilities))) + "}",
            "dolbom.l1": str(blocks[0][0]),
            "dolbom.h1": str(blocks[0][1]),
            "dolbom.l2": str(blocks[1][0]),
            "dolbom.h2": str(blocks[1][1]),
            "dolbom.account": "" if self.account_id is None else str(self.account_id),
            "dolbom.actor": self.actor,
            "dolbom.reason": self.reason,
        }

    @property
    def own_only(self) -> bool:
        """Tell whether it is a person's who sees what is one's own, whatever place that belongs to, and nothing else."""
        return self.kind == "user" and not self.facilities and not self.ranges

    def covers(self, number: int | None) -> bool:
        """Tell whether the place with this number is inside the scope (S2-43)."""
        if self.kind == "system":
            return True
        if number is None:
            return False
        return number in self.facilities or any(low <= number <= high for low, high in self.ranges)

    def because(self, reason: str) -> Scope:
        """The same scope with a reason that the change history will show."""
        return replace(self, reason=reason)


def current() -> Scope:
    """Give the scope in force, or refuse (`NoScope`)."""
    found = sessions.key()
    assert isinstance(found, Scope)
    return found


def current_or_none() -> Scope | None:
    """Give the scope in force, if any."""
    found = sessions.key_or_none()
    return found if isinstance(found, Scope) else None


@contextmanager
def use(scope: Scope) -> Iterator[Scope]:
    """Work in `scope` with a session of its own."""
    with sessions.opened(scope):
        yield scope


@contextmanager
def system(reason: str, *, actor: str = "system", on_date: date | None = None) -> Iterator[Scope]:
    """Work as the system itself, in another session and database role; the work is logged and its reason stands in the history."""
    if not reason.strip():
        raise DolbomError("System work needs a reason: scope.system('import of the register').")
    behind = current_or_none()
    extra: dict[str, Any] = {"on_date": on_date} if on_date else {}
    if behind is not None:
        extra.setdefault("on_date", behind.on_date)
        extra["language"] = behind.language
        extra["account_id"] = behind.account_id
        actor = behind.actor if actor == "system" else actor
    _log.info("system work")  # the reason may name a person, so the log does not repeat it
    with sessions.opened(Scope(kind="system", actor=actor, reason=reason, **extra)):
        yield current()


@contextmanager
def public(language: str = "en") -> Iterator[Scope]:
    """Work as a visitor: the database role reads published rows and nothing else."""
    with sessions.opened(Scope(kind="public", actor="visitor", language=language)):
        yield current()
