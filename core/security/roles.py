"""The roles people can be given, read from each module's roles.csv, and who may give which where (S1-238)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.errors import DolbomError, Refusal
from core.security import places
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE
from core.text import _

COLUMNS = ("role", "level", "title")
#: From the widest to the narrowest; `any` is given at a region or for everywhere, `self` sees only one's own.
LEVELS = ("any", "country", "province", "district", "facility", "self")
#: Roles of these levels are given by two officers.
OFFICERS = frozenset(LEVELS[:4])


class BadRoleFile(DolbomError):
    """A roles.csv cannot be understood."""

    code: ClassVar[str] = "roles.bad-file"


class UnknownRole(Refusal):
    """No module has a role of this name."""

    code: ClassVar[str] = "role.unknown"


class WrongPlace(Refusal):
    """A role was to be given at a place of another level than its own."""

    code: ClassVar[str] = "role.wrong-place"


class NotYours(Refusal):
    """An officer wanted to give or take a role as wide as their own."""

    code: ClassVar[str] = "role.not-yours"
    http: ClassVar[int] = 403


@dataclass(frozen=True)
class Role:
    """A role as roles.csv describes it; `title` is an English message to be translated."""

    name: str
    level: str
    title: str
    module: str

    def narrower_than(self, other: Role) -> bool:
        """Whether `other` may give this role: an administrator any, everybody else those below their own level."""
        return other.level == "any" or LEVELS.index(other.level) < LEVELS.index(self.level)

    @property
    def officer(self) -> bool:
        """Whether the role looks after more than one facility, and so is given by two officers."""
        return self.level in OFFICERS


class RoleBook:
    """All roles of all loaded modules."""

    def __init__(self) -> None:
        self._roles: dict[str, Role] = {}

    def load(self, module: str, path: Path) -> None:
        """Read one module's roles.csv; a wrong line names file, line and what is expected."""
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise BadRoleFile(f"{path}: the first line must be {','.join(COLUMNS)}")
            for row in rows:
                if (
                    None in row
                    or None in row.values()
                    or row["level"] not in LEVELS
                    or not row["title"].strip()
                ):
                    raise BadRoleFile(
                        f"{path}:{rows.line_num}: expected role,level,title; level one of {', '.join(LEVELS)}"
                    )
                self._roles[row["role"]] = Role(row["role"], row["level"], row["title"], module)

    def __iter__(self) -> Iterator[Role]:
        return iter(self._roles.values())

    def find(self, name: str | None) -> Role | None:
        """The role of this name, if any module has it."""
        return self._roles.get(name or "")

    def get(self, name: str) -> Role:
        """The role of this name, or `UnknownRole` with the names there are."""
        if name not in self._roles:
            raise UnknownRole(
                _("There is no role %(role)s. There are: %(roles)s.", role=name, roles=", ".join(self._roles))
            )
        return self._roles[name]


book = RoleBook()


def check_place(role: Role, place: int) -> None:
    """Refuse a place of another level than the role's (`WrongPlace`)."""
    if role.level == "any" and place == EVERYWHERE:
        return
    level = places.level_of(place)
    fits = {"any": level in LEVELS[1:4], "self": level is not None}.get(role.level, level == role.level)
    if not fits:
        raise WrongPlace(
            _(
                "The role %(role)s is given at a place of the level %(level)s only: choose such a place.",
                role=role.name,
                level=role.level,
            )
        )


def check_giver(role: Role) -> None:
    """Refuse unless the current role is wider than `role` (`NotYours`).

    An administrator gives any, a city's officer those of districts and facilities, a district's those of
    facilities.
    """
    me = scopes.current()
    if me.kind == "system":
        return
    mine = book.find(me.role)
    if mine is None or not role.narrower_than(mine):
        raise NotYours(
            _(
                "Your role cannot give or take the role %(role)s: ask an officer of the level above yours.",
                role=role.name,
            )
        )
