"""Reading a table of delimited text line by line, strictly: encoding, quotes and line ends as they are."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, Final

from core.sdk import _
from modules.facilities.layouts.refusals import CellTooLong, UnclosedQuote, WrongEncoding, WrongFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from modules.facilities.layouts.limits import Limits

#: What may stand between cells, tried in this order.
DELIMITERS: Final = ",;\t|"
_BOM: Final = b"\xef\xbb\xbf"

#: Opens the text again, from its first byte.
Fresh = Callable[[], "AbstractContextManager[BinaryIO]"]
#: A row as read: its first line, its cells, or why it cannot be split into cells.
Row = tuple[int, list[str], str]


def choose_encoding(fresh: Fresh, encodings: Sequence[str], limits: Limits) -> str:
    """The encoding of a text, by its content: a byte order mark, else the first line that is not plain ASCII
    as long as the header shows it, else the first of `encodings` in which every line can be read.

    A header of Korean or Polish words is proof enough; asking the whole file would turn one broken byte of a
    UTF-8 file into "this must be CP949" and a page of nonsense names.
    """
    with fresh() as stream:
        head = stream.readline(limits.line_bytes)
        if head.startswith(_BOM):
            return "utf-8-sig"
        for encoding in encodings:
            if not head.isascii() and _readable(head, encoding):
                return encoding
        if not head.isascii():
            return encodings[0]
    for encoding in encodings:
        with fresh() as stream:
            if all(
                _readable(line, encoding) for line in iter(lambda: stream.readline(limits.line_bytes), b"")
            ):
                return encoding
    return encodings[0]


def _readable(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def decoded(stream: BinaryIO, encoding: str, limits: Limits) -> Iterator[str]:
    """The lines of `stream` as text. Raises WrongEncoding with the byte, its offset and its line."""
    offset = 0
    for number, raw in enumerate(iter(lambda: stream.readline(limits.line_bytes + 1), b""), start=1):
        if len(raw) > limits.line_bytes:
            raise CellTooLong(
                _("Line %(line)s is longer than %(most)s bytes.", line=number, most=limits.line_bytes)
            )
        if b"\0" in raw:
            raise WrongFormat(_("Line %(line)s holds a zero byte: this is not a text file.", line=number))
        if number == 1 and b"\r" in raw.rstrip(b"\r\n"):
            raise WrongFormat(_("The lines end with a carriage return only; save the file as “CSV UTF-8”."))
        try:
            # Only the first line may begin with the mark.
            yield raw.decode(encoding if number == 1 else encoding.removesuffix("-sig"))
        except UnicodeDecodeError as error:
            raise WrongEncoding(
                _(
                    "Byte 0x%(byte)s at offset %(offset)s (line %(line)s) is not %(encoding)s; "
                    "save the file as UTF-8 and try again.",
                    byte=f"{raw[error.start]:02X}",
                    offset=offset + error.start,
                    line=number,
                    encoding=encoding.removesuffix("-sig").upper(),
                )
            ) from error
        offset += len(raw)


def choose_delimiter(head: Sequence[str], fits: Callable[[list[str]], bool]) -> str:
    """The delimiter with which one of the first lines is a header that `fits`, else the commonest in them."""
    for delimiter in DELIMITERS:
        if any(fits(cells) for _line, cells, why in split(head, delimiter, closed=False) if not why):
            return delimiter
    return max(DELIMITERS, key=lambda one: sum(line.count(one) for line in head))


def split(lines: Iterable[str], delimiter: str, *, closed: bool = True) -> Iterator[Row]:
    """The rows of `lines`. A row whose quotes do not match is yielded with the reason; a quote that never
    ends raises UnclosedQuote (unless `closed` is off: the lines are only a part of the file)."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = str(error)
            if "unexpected end" in why or "field larger" in why:
                if not closed:
                    return
                raise UnclosedQuote(
                    _("The quotation mark opened on line %(line)s is never closed.", line=first)
                ) from error
            yield first, [], why
        else:
            yield first, cells, ""
        first = reader.line_num + 1


def read_text(
    fresh: Fresh, encodings: Sequence[str], fits: Callable[[list[str]], bool], limits: Limits
) -> tuple[str, Iterator[Row]]:
    """The encoding and the rows of a delimited text; nothing but the current line is held in memory."""
    encoding = choose_encoding(fresh, encodings, limits)

    def rows() -> Iterator[Row]:
        with fresh() as stream:
            lines = decoded(stream, encoding, limits)
            head = list(islice(lines, limits.header_rows))
            yield from split(chain(head, lines), choose_delimiter(head, fits))

    return encoding, rows()
