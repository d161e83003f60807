"""Spreadsheets with typed cells, written row by row in constant memory; a text is never a formula or a link.

Excel keeps 15 digits of a number: figures longer than that are written as text, so that none is rounded.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, ClassVar

from core.errors import DolbomError
from core.web.documents.columns import Column, cells

MAX_ROWS = 1_048_575  # a sheet has one more, the titles
MAX_COLUMNS = 16_384
MAX_CHARACTERS = 32_767
_FIRST_DAY = date(1900, 3, 1)  # before it Excel's calendar has a day too many


class TooLarge(DolbomError):
    """The table does not fit into a sheet."""

    code: ClassVar[str] = "documents.too-large"
    http: ClassVar[int] = 413


def write_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    sheet: Any = "Data",
    title: Any = "",
    target: BinaryIO | None = None,
) -> bytes:
    """Write a table, into `target` when given (then b"" comes back); its titles stay in sight."""
    from xlsxwriter import Workbook

    into = target or io.BytesIO()
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": False,
    }  # fmt: skip
    if len(columns) > MAX_COLUMNS:
        raise TooLarge(f"{len(columns)} columns do not fit into a sheet of {MAX_COLUMNS}")
    with Workbook(into, options) as book:
        book.set_properties({"title": str(title), "author": "Dolbom", "created": datetime.now(UTC)})
        page = book.add_worksheet(_sheet_name(str(sheet)))
        styles = [book.add_format({"num_format": _shape(column)}) for column in columns]
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for index, column in enumerate(columns):
            page.set_column(index, index, column.width or _width(column))
            page.write_string(0, index, str(column.title), bold)
        page.freeze_panes(1, 0)
        last = 0
        for last, row in enumerate(rows, 1):
            if last > MAX_ROWS:
                raise TooLarge(f"more than {MAX_ROWS} rows do not fit into a sheet; choose CSV or fewer rows")
            for index, value in enumerate(cells(list(columns), row, last)):
                _write(page, last, index, value, styles[index], columns[index])
        page.autofilter(0, 0, last, len(columns) - 1)
    return into.getvalue() if isinstance(into, io.BytesIO) and target is None else b""


def _write(page: Any, row: int, index: int, value: Any, style: Any, column: Column) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, index, value)
    elif isinstance(value, (int, float, Decimal)) and _exact(value):
        page.write_number(row, index, value, style)
    elif isinstance(value, date) and _day(value) >= _FIRST_DAY:
        page.write_datetime(row, index, value, style)
    else:
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        if len(text) > MAX_CHARACTERS:
            raise TooLarge(f"row {row}, {column.title}: {len(text)} characters fit no cell; choose CSV")
        page.write_string(row, index, text)


def _exact(value: float | Decimal) -> bool:
    """Whether Excel's 15 digits hold it, and it is a number at all."""
    exact = Decimal(str(value))
    return exact.is_finite() and len(exact.normalize().as_tuple().digits) <= 15


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _shape(column: Column) -> str:
    if column.kind == "decimal" and not column.exponent:
        return "General"
    if column.kind in ("money", "decimal"):
        return "#,##0" + ("." + "0" * column.exponent if column.exponent else "")
    return {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "integer": "#,##0"}.get(column.kind, "@")


def _width(column: Column) -> int:
    return {"date": 12, "datetime": 17, "money": 14, "boolean": 8, "integer": 10}.get(column.kind, 22)


def _sheet_name(name: str) -> str:
    """Excel refuses some signs in a sheet's name, and more than 31 of any."""
    return "".join("-" if sign in "[]:*?/\\'" else sign for sign in name)[:31] or "Data"
