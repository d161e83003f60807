"""Reading an old .xls (BIFF), the format the Korean national portal still gives."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any, Final

from modules.facilities.layouts.sheets import Sheet, as_text, check_extent, damaged, formula, refusing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modules.facilities.layouts.limits import Limits
    from modules.facilities.layouts.text_table import Row

#: BIFF records that hold a formula, of all versions.
_FORMULAS: Final = frozenset({0x0006, 0x0206, 0x0406})


def xls_sheets(content: bytes, limits: Limits) -> Iterator[Sheet]:
    """The sheets of an .xls. Raises a RegisterRefused for everything that can be wrong with it."""
    try:
        import xlrd  # here: only jobs that import pay for it

        book = xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True
        )
        _check_formulas(book)
        names = list(book.sheet_names())
    except Exception as error:  # xlrd raises whatever broken bytes lead it into
        raise damaged(error) from error
    for name in names:
        yield name, refusing(_rows(book, name, limits))


def _check_formulas(book: Any) -> None:
    """xlrd shows a formula's last result as if it were typed; its record betrays it."""
    position, end = book.base, book.base + book.stream_len
    while position + 4 <= end:
        code, length = struct.unpack_from("<HH", book.mem, position)
        if code in _FORMULAS and length >= 4:
            row, column = struct.unpack_from("<HH", book.mem, position + 4)
            raise formula(row + 1, column + 1)
        position += 4 + length


def _rows(book: Any, name: str, limits: Limits) -> Iterator[Row]:
    import xlrd

    sheet = book.sheet_by_name(name)
    for index in range(sheet.nrows):
        values = sheet.row_values(index)
        check_extent(index + 1, len(values), limits)
        cells = []
        for kind, value in zip(sheet.row_types(index), values, strict=True):
            if kind == xlrd.XL_CELL_DATE:
                cells.append(as_text(xlrd.xldate_as_datetime(value, book.datemode)))
            elif kind == xlrd.XL_CELL_BOOLEAN:
                cells.append(as_text(bool(value)))
            else:
                cells.append("#" if kind == xlrd.XL_CELL_ERROR else as_text(value))
        yield index + 1, cells, ""
    book.unload_sheet(name)
