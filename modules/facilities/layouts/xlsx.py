"""Reading an .xlsx: its zip and XML are inspected and capped before a library unpacks them."""

from __future__ import annotations

import struct
import warnings
import zipfile
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from core.sdk import _
from modules.facilities.layouts.packed import check_growth
from modules.facilities.layouts.refusals import PackedTooTightly, TruncatedFile, WrongFormat
from modules.facilities.layouts.sheets import Sheet, as_text, check_extent, damaged, formula, refusing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modules.facilities.layouts.limits import Limits
    from modules.facilities.layouts.text_table import Row

_END_OF_ZIP: Final = b"PK\x05\x06"
#: The end record and the longest comment that may follow it.
_TAIL_BYTES: Final = 22 + 65_535
_LOCKED: Final = 0x1


def xlsx_sheets(file: BinaryIO, size: int, limits: Limits) -> Iterator[Sheet]:
    """The sheets of an .xlsx. Raises a RegisterRefused for everything that can be wrong with it."""
    _check_directory(file, size, limits)
    try:
        from openpyxl import load_workbook  # here: only jobs that import pay for it

        with zipfile.ZipFile(file) as archive:
            _check_parts(archive, size, limits)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        sheets = list(book.worksheets)
    except Exception as error:  # zipfile and openpyxl raise a dozen kinds on broken files
        raise damaged(error) from error
    for sheet in sheets:
        yield sheet.title, refusing(_rows(sheet, limits))


def _check_directory(file: BinaryIO, size: int, limits: Limits) -> None:
    """By its last record: reading the directory of a million parts would already cost a gigabyte."""
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    end = tail.rfind(_END_OF_ZIP)
    if end < 0 or len(tail) - end < 22:
        raise TruncatedFile(_("The workbook ends in its middle; copy or download it again."))
    entries, directory_bytes = struct.unpack_from("<HI", tail, end + 10)
    # The count alone could lie.
    if entries > limits.entries or directory_bytes > limits.entries * 512:
        raise PackedTooTightly(
            _(
                "The .xlsx file has more than %(most)s parts; copy the sheet into a new workbook and save that.",
                most=limits.entries,
            )
        )


def _check_parts(archive: zipfile.ZipFile, size: int, limits: Limits) -> None:
    parts = archive.infolist()
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise WrongFormat(_("This is a .zip, not a workbook; unpack it and import the file inside."))
    # zipfile never yields more than the size a part states, so the stated sizes bind.
    check_growth(size, sum(part.file_size for part in parts), limits)
    for part in parts:
        if part.flag_bits & _LOCKED:
            raise WrongFormat(_("The workbook is locked by a password; save it without."))
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WrongFormat(_("The workbook is packed in a way no spreadsheet program uses."))
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                _check_xml(stream)


def _check_xml(stream: Any) -> None:
    """No document type (entities can grow without end) and no encoding that would hide one."""
    before = b""
    while chunk := stream.read(2**16):
        if b"\0" in chunk or b"<!DOCTYPE" in before + chunk or b"<!ENTITY" in before + chunk:
            raise WrongFormat(_("The workbook holds a document type definition, which no spreadsheet needs."))
        before = chunk[-16:]


def _rows(sheet: Any, limits: Limits) -> Iterator[Row]:
    # The stated extent may be wrong by a million columns: let the cells speak.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        check_extent(number, len(values), limits)
        cells = []
        for column, value in enumerate(values, start=1):
            if value.__class__ is str:
                if value[:1] == "=":
                    raise formula(number, column)
                cells.append(value)
            elif value is None or isinstance(value, (int, float, date, time, timedelta)):
                cells.append(as_text(value))
            else:  # array formulas and data tables come as objects of their own
                raise formula(number, column)
        yield number, cells, ""
