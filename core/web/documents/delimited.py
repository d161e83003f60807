"""CSV that Excel opens with Korean and Polish letters, and in which no cell is a formula (ASVS V1.2.10)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.web.documents.columns import Column, cells

#: Signs with which spreadsheet programs begin a formula, also in full width.
DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BOM = "\ufeff"


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """The whole table as UTF-8 with byte order mark, commas and CRLF."""
    return b"".join(csv_lines(columns, rows))


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The same line by line, for tables too large to hold: give it to a streaming answer."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_BOM)
    writer.writerow([harmless(str(column.title)) for column in columns])
    yield _taken(buffer)
    for number, row in enumerate(rows, 1):
        writer.writerow([_shown(value) for value in cells(list(columns), row, number)])
        yield _taken(buffer)


def harmless(text: str) -> str:
    """A text that no program takes for a formula: an apostrophe goes before one that begins like one."""
    return f"'{text}" if text.lstrip().startswith(DANGEROUS) else text


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, (date, int, float)):
        return str(value)
    return harmless(value)


def _taken(buffer: io.StringIO) -> bytes:
    line = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return line
