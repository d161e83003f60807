"""Opening a register file safely, whatever its name says: told by content, capped in size, read as text."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from core.sdk import _
from modules.facilities.layouts.limits import DEFAULT, Limits
from modules.facilities.layouts.packed import unpacked
from modules.facilities.layouts.refusals import (
    CellTooLong,
    EmptyFile,
    FileMissing,
    FileTooLarge,
    HeaderNotFound,
    WrongFormat,
)
from modules.facilities.layouts.sheets import Sheet, check_extent
from modules.facilities.layouts.text_table import Row, read_text
from modules.facilities.layouts.xls import xls_sheets
from modules.facilities.layouts.xlsx import xlsx_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: enough to prove later which file an import came from."""

    name: str
    #: "csv", "xls" or "xlsx"; `packed` tells a .gz.
    format: str
    packed: bool
    #: Of a text; empty for workbooks.
    encoding: str
    #: Of a workbook; empty for text.
    sheet: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Register:
    """An open register: its header and, once, the rows below it."""

    source: Source
    header: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def open_register(
    path: Path,
    missing: Callable[[list[str]], Sequence[str]],
    encodings: Sequence[str] = ("utf-8", "cp949"),
    limits: Limits = DEFAULT,
) -> Iterator[Register]:
    """Opens the register at `path`. `missing` names the columns a would-be header lacks; the first row that
    lacks none is the header. Raises a RegisterRefused, here or while the rows are read."""
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise EmptyFile(_("%(name)s is empty.", name=path.name))
        if size > limits.file_bytes:
            most = limits.file_bytes // 2**20
            raise FileTooLarge(_("%(name)s is larger than %(most)s MiB.", name=path.name, most=most))
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        form, packed, encoding, tables = _tables(file, size, missing, encodings, limits)
        best: Sequence[str] | None = None
        for sheet, rows in tables:
            header, lacking = _find_header(rows, missing, limits)
            if header is not None:
                source = Source(path.name, form, packed, encoding, sheet, size, sha256)
                yield Register(source, tuple(header), _capped(rows, limits))
                return
            best = lacking if best is None or len(lacking) < len(best) else best
        lacks = ", ".join(best or missing([]))
        raise HeaderNotFound(
            _("No row of %(name)s names the columns: %(lacks)s.", name=path.name, lacks=lacks)
        )


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    try:
        # Not blocking: a named pipe would wait for its writer for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileMissing(_("%(path)s cannot be opened: %(why)s.", path=str(path), why=why)) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileMissing(_("%(path)s is not a file.", path=str(path)))
    with os.fdopen(handle, "rb") as file:
        yield file


def _tables(
    file: BinaryIO,
    size: int,
    missing: Callable[[list[str]], Sequence[str]],
    encodings: Sequence[str],
    limits: Limits,
) -> tuple[str, bool, str, Iterator[Sheet]]:
    """Format, whether packed, encoding and the tables of a file, told by its first bytes."""
    file.seek(0)
    packed = file.read(2) == _GZIP

    @contextmanager
    def fresh() -> Iterator[BinaryIO]:
        file.seek(0)
        yield unpacked(file, size, limits) if packed else file

    with fresh() as stream:
        head = stream.read(512)
    if head.startswith((*_ZIP, _OLE)):
        if packed:
            raise WrongFormat(_("A workbook inside a .gz: unpack it first."))
        if head.startswith(_ZIP):
            return "xlsx", False, "", xlsx_sheets(file, size, limits)
        file.seek(0)
        return "xls", False, "", xls_sheets(file.read(), limits)
    if not head:
        raise EmptyFile(_("The file holds nothing."))
    if head.startswith(_UTF16):
        raise WrongFormat(_("The text is UTF-16; save it as “CSV UTF-8”."))
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise WrongFormat(_("This is a web page, not a spreadsheet; open it and save it as .xlsx or .csv."))
    encoding, rows = read_text(fresh, encodings, lambda cells: not missing(cells), limits)
    return "csv", packed, encoding, iter([("", rows)])


def _find_header(
    rows: Iterator[Row], missing: Callable[[list[str]], Sequence[str]], limits: Limits
) -> tuple[list[str] | None, Sequence[str]]:
    """The first row that lacks no column, within the first rows; else what the best of them lacks."""
    best: Sequence[str] = missing([])
    for _number, (line, cells, _why) in zip(range(limits.header_rows), rows, strict=False):
        check_extent(line, len(cells), limits)
        lacking = missing(cells)
        if not lacking:
            return cells, ()
        best = lacking if len(lacking) < len(best) else best
    return None, best


def _capped(rows: Iterator[Row], limits: Limits) -> Iterator[Row]:
    """`rows` without the blank ones, refused at the first that breaks a cap."""
    for count, row in enumerate(rows, start=1):
        line, cells, why = row
        if cells:
            if count > limits.rows or len(cells) > limits.columns:
                check_extent(count if count > limits.rows else line, len(cells), limits)
            # Joining is five times cheaper than measuring each of sixty cells, and nearly always enough.
            if len("".join(cells)) > limits.cell_chars < len(max(cells, key=len)):
                raise CellTooLong(
                    _(
                        "A cell on line %(line)s is longer than %(most)s characters.",
                        line=line,
                        most=limits.cell_chars,
                    )
                )
            if any(cells):
                yield row
        elif why:
            yield row
