"""One row of a register by the names of its fields, with a note of everything that was wrong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from modules.facilities.layouts.row import Defect, Rejected
from modules.facilities.layouts.values import (
    SMALL,
    Unreadable,
    clean,
    day,
    decimal,
    degrees,
    whole,
    without_emails,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

#: Characters of a faulty value that a report shows.
_SHOWN: Final = 80
_COUNTS: Final = {"": 0, **SMALL}
_YES: Final = frozenset({"운영", "tak", "예", "y", "yes", "o", "1", "true"})
_NO: Final = frozenset({"미운영", "nie", "아니오", "n", "no", "x", "0", "false"})

T = TypeVar("T")


def shown(value: str) -> str:
    """A faulty value as a report may show it: short, printable, without an e-mail address."""
    return clean(without_emails(value[: 2 * _SHOWN]))[:_SHOWN]


class Record:
    """The cells of a row. A field the file has no column for reads as empty."""

    __slots__ = ("_cells", "_places", "defects", "line", "register_no")

    def __init__(self, cells: list[str], places: Mapping[str, int], line: int) -> None:
        self._cells = list(map(str.strip, cells))
        # The place of an absent column is -1: give it an empty cell to stand on.
        self._cells.append("")
        self._places = places
        self.line = line
        self.register_no: str | None = None
        self.defects: list[Defect] = []

    def __getitem__(self, field: str) -> str:
        """The cell as the file has it, outer spaces gone."""
        return self._cells[self._places[field]]

    def has(self, field: str) -> bool:
        """Whether the file has a column for the field."""
        return self._places[field] >= 0

    def warn(self, code: str, field: str, value: str = "") -> None:
        """Notes a defect; the row is kept."""
        self.defects.append(Defect(code, self.line, self.register_no, field, shown(value)))

    def rejected(self, code: str, field: str, value: str = "") -> Rejected:
        """The note that takes the row's place."""
        return Rejected(code, self.line, self.register_no, field, shown(value))

    def text(self, field: str) -> str:
        """Text to be kept: tidied, and without any e-mail address."""
        value = clean(self[field])
        if "@" in value:
            kept = without_emails(value)
            if kept != value:
                self.warn("email-in-text", field)
                return kept
        return value

    def count(self, field: str) -> int | None:
        """A whole number, None where there is none or it is none (`number-invalid`)."""
        cell = self._cells[self._places[field]]
        small = SMALL.get(cell)
        return small if small is not None or not cell else self._read(whole, field, "number-invalid")

    def counts(self, fields: Sequence[str]) -> list[int]:
        """Several whole numbers at once, 0 where there is none (registers have thirty columns of them)."""
        cells, places = self._cells, self._places
        small = [_COUNTS.get(cells[places[field]]) for field in fields]
        if None in small:
            return [self.count(field) or 0 for field in fields]
        return small  # type: ignore[return-value]  # None is not in it

    def quantity(self, field: str) -> Decimal | None:
        """A decimal number, None where there is none or it is none (`number-invalid`)."""
        return self._read(decimal, field, "number-invalid")

    def degrees(self, field: str) -> float | None:
        """A latitude or longitude, None where there is none or it is none (`number-invalid`)."""
        return self._read(degrees, field, "number-invalid")

    def day(self, field: str) -> date | None:
        """A day, None where there is none or it is none (`date-invalid`)."""
        return self._read(day, field, "date-invalid") if self._cells[self._places[field]] else None

    def flag(self, field: str) -> bool | None:
        """Yes or no, None where the register says neither."""
        word = self[field].casefold()
        return True if word in _YES else False if word in _NO else None

    def _read(self, read: Callable[[str], T], field: str, code: str) -> T | None:
        value = self._cells[self._places[field]]
        if not value:
            return None
        try:
            return read(value)
        except Unreadable:
            self.warn(code, field, value)
            return None
