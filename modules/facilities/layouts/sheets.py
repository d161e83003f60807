"""What both kinds of workbook share: cells as plain text, formulas refused, one refusal for any damage."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from core.sdk import _
from modules.facilities.layouts.refusals import (
    DamagedFile,
    FormulaInCell,
    RegisterRefused,
    TooManyColumns,
    TooManyRows,
    TruncatedFile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modules.facilities.layouts.limits import Limits
    from modules.facilities.layouts.text_table import Row

#: A sheet: its name and its rows, read when asked for.
Sheet = tuple[str, "Iterator[Row]"]


def as_text(value: object) -> str:
    """A cell as a person would have typed it: whole numbers without ".0", days as 2026-11-21."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def refusing(rows: Iterator[Row]) -> Iterator[Row]:
    """`rows`, with whatever the library that reads them raises on a broken file turned into one refusal."""
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except RegisterRefused:
            raise
        except Exception as error:  # the libraries raise whatever broken bytes lead them into
            raise damaged(error) from error
        yield row


def damaged(error: Exception) -> RegisterRefused:
    """The refusal for an exception out of a library that read a workbook."""
    if isinstance(error, RegisterRefused):
        return error
    if isinstance(error, EOFError):
        return TruncatedFile(_("The workbook ends in its middle; copy or download it again."))
    why = type(error).__name__
    return DamagedFile(_("The workbook is damaged (%(why)s); open and save it again.", why=why))


def formula(row: int, column: int) -> FormulaInCell:
    """The refusal that names a cell, both numbers counted from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return FormulaInCell(
        _(
            "Cell %(cell)s holds a formula; paste the sheet as values and save it again.",
            cell=f"{letters}{row}",
        )
    )


def check_extent(row: int, columns: int, limits: Limits) -> None:
    """Refuses too many rows or columns at the first row that shows it."""
    if row > limits.rows:
        raise TooManyRows(_("The file has more than %(most)s rows; split it by district.", most=limits.rows))
    if columns > limits.columns:
        raise TooManyColumns(
            _(
                "Row %(row)s has %(count)s columns; a register has at most %(most)s: remove the others and save it again.",
                row=row,
                count=columns,
                most=limits.columns,
            )
        )
