"""Typed columns of a table that leaves the house: what a cell is decides how it is written, not its looks.

A telephone number keeps its leading zero, a day stays a day, money is exact to its smallest unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from core.errors import DolbomError

Kind = Literal["text", "integer", "decimal", "money", "date", "datetime", "boolean"]


class WrongCell(DolbomError):
    """A value does not fit its column's kind."""

    code: ClassVar[str] = "documents.wrong-cell"
    http: ClassVar[int] = 500


class RowTooShort(DolbomError):
    """A row has more or fewer cells than there are columns."""

    code: ClassVar[str] = "documents.row-length"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Column:
    """A column: its title as people read it, the kind of its cells, and how wide it is shown (characters)."""

    title: Any
    kind: Kind = "text"
    width: int = 0
    #: Digits after the decimal sign, of money and decimals: 0 for KRW, 2 for PLN.
    exponent: int = 0
    #: The zone in which moments are shown; a spreadsheet cannot hold one.
    zone: str | tzinfo = UTC

    def cell(self, value: Any) -> Any:
        """The value as text, figure, day, local moment, truth or None. Raises `WrongCell`."""
        if value is None or value == "":
            return None
        if self.kind == "text":
            return str(value)
        if not _fits(value, self.kind):
            raise WrongCell(f"column {self.title}: {type(value).__name__} is no {self.kind}")
        if self.kind == "money":
            return Decimal(value).scaleb(-self.exponent)
        if self.kind == "datetime":
            return self._local(value)
        # A datetime is a date to Python; in a column of days it would drag its hours along.
        return value.date() if isinstance(value, datetime) else value

    def _local(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise WrongCell(f"column {self.title}: a moment without time zone; store moments in UTC")
        zone = ZoneInfo(self.zone) if isinstance(self.zone, str) else self.zone
        return value.astimezone(zone).replace(tzinfo=None)


_FIT: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "decimal": (int, Decimal, float),
    "money": (int,),
    "date": (date,),
    "datetime": (datetime,),
    "boolean": (bool,),
}


def _fits(value: Any, kind: Kind) -> bool:
    """Whether the value is of the kind; True is a number to Python, but not to us."""
    return isinstance(value, _FIT[kind]) and (kind == "boolean" or not isinstance(value, bool))


def cells(columns: list[Column], row: Any, number: int) -> list[Any]:
    """One row's cells; `number` is for the refusal."""
    values = list(row)
    if len(values) != len(columns):
        raise RowTooShort(f"row {number} has {len(values)} cells for {len(columns)} columns")
    return [column.cell(value) for column, value in zip(columns, values, strict=True)]
