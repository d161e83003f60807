"""Deciding row by row: a facility of ours, somebody else's, no childcare, or a row that cannot be taken."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from modules.facilities.layouts.assemble import Assembler
from modules.facilities.layouts.columns import locate
from modules.facilities.layouts.record import Record, shown
from modules.facilities.layouts.regions import inside
from modules.facilities.layouts.row import Rejected
from modules.facilities.layouts.values import name_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from modules.facilities.layouts.layout import Layout, Place
    from modules.facilities.layouts.reading import Register
    from modules.facilities.layouts.row import Defect, FacilityRow
    from modules.facilities.layouts.text_table import Row


class Intake:
    """One file on its way: what was kept and left out so far, and the places already looked up."""

    def __init__(
        self,
        layout: Layout,
        register: Register,
        region_of: Callable[[str], str | None],
        region: str | None,
        on: date | None,
    ) -> None:
        self.rows: list[FacilityRow] = []
        self.defects: list[Defect] = []
        self.rejected: list[Rejected] = []
        self.outside_region = 0
        self.not_childcare: Counter[str] = Counter()
        self._layout, self._region_of, self._region = layout, region_of, region
        self._header = register.header
        self._columns = locate(register.header, layout.columns)
        self._assembler = Assembler(layout, self._columns, on)
        self._number_form = re.compile(layout.number_form or r".{1,64}")
        self._lines: dict[str, int] = {}
        self._places: dict[tuple[str, ...], tuple[Place, str | None]] = {}
        self._texts = register.source.format == "csv"

    def take(self, row: Row) -> None:
        """Keeps a row, counts it, or rejects it."""
        line, cells, why = row
        if not self._texts:
            # A sheet stores no cells after the last full one, and may store empty ones after the last column.
            width = len(self._header)
            cells = [*cells, *[""] * (width - len(cells))] if len(cells) < width else _trimmed(cells, width)
        fault = self._unreadable(line, cells, why)
        if fault is None:
            record = Record(cells, self._columns, line)
            skipped = self._layout.skip(record)
            if skipped is not None:
                self.not_childcare[skipped] += 1
                return
            place, code = self._find_place(record)
            if self._lies_outside(place, code):
                self.outside_region += 1
                return
            fault = self._unidentified(record, place, code)
            if fault is None:
                self.rows.append(self._assembler.build(record, code or "", place.raw))
                self.defects += record.defects
                return
        self.rejected.append(fault)

    def _unreadable(self, line: int, cells: list[str], why: str) -> Rejected | None:
        if why:
            return Rejected("quotes-broken", line, None, "", shown(why))
        if len(cells) != len(self._header):
            return Rejected("column-count", line, None, "", f"{len(cells)} ≠ {len(self._header)}")
        if "\0=" in "\0" + "\0".join(cells):
            where = next(name for name, cell in zip(self._header, cells, strict=True) if cell.startswith("="))
            return Rejected("formula-in-cell", line, None, shown(where), shown(where))
        return None

    def _find_place(self, record: Record) -> tuple[Place, str | None]:
        told = tuple(
            record[field] or self._layout.constants.get(field, "") for field in self._layout.place_fields
        )
        if told not in self._places:
            place = self._layout.place(*told)
            codes = (self._region_of(candidate) for candidate in place.candidates)
            self._places[told] = place, next((code for code in codes if code is not None), None)
        return self._places[told]

    def _lies_outside(self, place: Place, code: str | None) -> bool:
        """Whether the row is of another region than the one imported for; unsure rows are not."""
        there = code or place.within
        return bool(self._region and there) and not inside(there, str(self._region))

    def _unidentified(self, record: Record, place: Place, code: str | None) -> Rejected | None:
        number = self._layout.register_no(record)
        record.register_no = shown(number) or None
        if not number:
            return record.rejected("register-number-missing", "register_no")
        if not self._number_form.fullmatch(number):
            return record.rejected("register-number-invalid", "register_no", number)
        if not name_key(record["name"]):
            return record.rejected("name-missing", "name")
        if code is None:
            return record.rejected("region-unknown", "region", place.raw)
        first = self._lines.setdefault(number, record.line)
        if first != record.line:
            return record.rejected("register-number-duplicate", "register_no", str(first))
        return None


def _trimmed(cells: list[str], width: int) -> list[str]:
    return cells[:width] if not any(cells[width:]) else cells
