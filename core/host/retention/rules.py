"""A retention rule: which rows, from which day they are kept, how long; declared by the module that owns the table.

    declare(RetentionRule("families.child", Child, Child.left_on, policy="families.retention.child"))

The period is the policy's where one holds (`{ years = 5 }`, `{ months = 18 }`, `{ days = 60 }`, with `starts =
"fiscal_year_end"` or `"calendar_year_end"` counted from the end of that year), else `keep`, else nothing is purged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa

from core.errors import DolbomError
from core.security.rows import Scoped, scope_column

_WRITTEN = re.compile(r"(\d+)([ymd])")
_UNITS = {"y": "years", "m": "months", "d": "days"}
_YEAR_STARTS = {"calendar_year_end": "01-01"}
OF_THE_PACK = "fiscal_year_end"


class BadRule(DolbomError):
    """A retention rule or a period is written wrongly."""

    code: ClassVar[str] = "retention.bad-rule"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class RetentionRule:
    """Which rows go when. `anchor` is a day (or moment) column or expression; a row without one is kept."""

    name: str
    model: type[Any]
    anchor: Any
    keep: str = ""
    policy: str = ""
    #: A condition under which a row is kept all the same, e.g. an application still open.
    unless: Any = None
    title: Any = ""

    @property
    def module(self) -> str:
        """Whose data it is: the schema of the table."""
        return str(self.model.__table__.schema)

    @property
    def table(self) -> str:
        """The table as people and certificates name it."""
        return str(self.model.__table__.fullname)

    @property
    def place_column(self) -> Any:
        """The column with the place number; None when the table belongs to no place."""
        return scope_column(self.model) if issubclass(self.model, Scoped) else None


@dataclass(frozen=True)
class Period:
    """How long: counted back from a day; `year_start` (MM-DD) rounds up to the end of that year first."""

    years: int = 0
    months: int = 0
    days: int = 0
    year_start: str = ""

    def cutoff(self, on: date) -> date:
        """The last day whose rows are due on a day: anchor + period ≤ `on`."""
        month = on.year * 12 + on.month - 1 - self.years * 12 - self.months
        day = min(on.day, _last_day(month // 12, month % 12 + 1))
        back = date(month // 12, month % 12 + 1, day) - timedelta(days=self.days)
        if not self.year_start:
            return back
        start_month, start_day = map(int, self.year_start.split("-"))
        after = back + timedelta(days=1)
        begun = date(after.year, start_month, start_day)
        return (begun if begun <= after else date(after.year - 1, start_month, start_day)) - timedelta(days=1)

    def until(self, anchor: date) -> date:
        """The first day on which a row anchored on `anchor` is due: the first whose `cutoff` has reached it."""
        low, high = anchor, anchor + timedelta(days=366 * (self.years + 2) + 31 * self.months + self.days)
        while low < high:
            middle = low + (high - low) // 2
            if self.cutoff(middle) >= anchor:
                high = middle
            else:
                low = middle + timedelta(days=1)
        return low

    def __str__(self) -> str:
        parts = [f"{n} {unit}" for n, unit in ((self.years, "y"), (self.months, "m"), (self.days, "d")) if n]
        return " ".join(parts) + (f" from year end ({self.year_start})" if self.year_start else "")


def _last_day(year: int, month: int) -> int:
    return ((date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def written(text: str) -> Period:
    """Read a period as manifests and rules write it: 5y, 18m, 60d."""
    match = _WRITTEN.fullmatch(text.strip())
    if not match or match[1] == "0":
        raise BadRule(f"{text!r} is no period: write 5y, 18m or 60d")
    lengths = dict.fromkeys(_UNITS.values(), 0) | {_UNITS[match[2]]: int(match[1])}
    return Period(lengths["years"], lengths["months"], lengths["days"])


def of_policy(key: str, value: Any, pack_year: str) -> Period:
    """Read a policy's value; `pack_year` is the first day (MM-DD) of the region's fiscal year."""
    lengths = {unit: value.get(unit, 0) for unit in _UNITS.values()} if isinstance(value, dict) else {}
    if not any(lengths.values()) or not all(isinstance(length, int) for length in lengths.values()):
        raise BadRule(f"{key}: {value!r} names no years, months or days")
    starts = value.get("starts", "")
    year_start = pack_year if starts == OF_THE_PACK else _YEAR_STARTS.get(starts, "")
    return Period(lengths["years"], lengths["months"], lengths["days"], year_start)


@dataclass
class Rules:
    """All declared rules by name."""

    by_name: dict[str, RetentionRule] = field(default_factory=dict)

    def find(self, name: str) -> RetentionRule:
        """The rule of this name, or a refusal that lists the known ones."""
        if name not in self.by_name:
            raise BadRule(
                f"there is no retention rule {name}; known are {', '.join(sorted(self.by_name)) or 'none'}"
            )
        return self.by_name[name]


RULES = Rules()


def declare(rule: RetentionRule) -> RetentionRule:
    """Make a rule known; done where the model is defined. A rule without any period is refused at once."""
    if not rule.keep and not rule.policy:
        raise BadRule(f"{rule.name}: give keep='5y' or the key of a policy")
    if rule.policy and rule.place_column is None:
        raise BadRule(
            f"{rule.name}: {rule.table} belongs to no place, so no region's policy rules it; give keep="
        )
    if rule.keep:
        written(rule.keep)
    RULES.by_name[rule.name] = rule
    return rule


def due(rule: RetentionRule, cutoff: date) -> sa.ColumnElement[bool]:
    """The condition «its period is over», in a form an index on the anchor serves."""
    over: sa.ColumnElement[bool] = rule.anchor < cutoff + timedelta(days=1)
    return over if rule.unless is None else sa.and_(over, sa.not_(rule.unless))
