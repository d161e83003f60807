"""What families asks of the modules that know more about a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.sdk import asks


@dataclass(frozen=True)
class Taken:
    """One table of a family's takeout: columns and rows in the family's words."""

    name: str
    title: str
    columns: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True)
class Moment:
    """One day of a family's calendar; `key` stays the same when the day moves, so calendars replace it."""

    key: str
    on: date
    title: str
    text: str = ""


class FamilyQuestions:
    """The questions of families."""

    @asks
    def takeout(self, family_id: int) -> list[Taken]:
        """What a module keeps about a family, for its takeout (E-18)."""
        raise NotImplementedError

    @asks
    def family_days(self, family_id: int) -> list[Moment]:
        """Days a family should not miss, for its calendar (E-18)."""
        raise NotImplementedError

    @asks
    def holds_of_child(self, child_id: int, family_id: int) -> list[str]:
        """Why a child's data must stay for now, one sentence each; empty when nothing of the module holds it."""
        raise NotImplementedError
