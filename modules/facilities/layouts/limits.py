"""How large a register file may be before we look inside, so that no upload can exhaust the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on a register file. Seoul's register is 4 MB and 9,500 rows, Poland's 60,000 schools are 30 MB."""

    #: Bytes on disk, and bytes after unpacking (a gzip's content; all parts of an .xlsx together).
    file_bytes: int = 64 * 2**20
    unpacked_bytes: int = 256 * 2**20
    #: Unpacked bytes per packed byte; registers reach 20. Below `ratio_floor` unpacked bytes it is not asked.
    ratio: int = 200
    ratio_floor: int = 4 * 2**20
    #: Parts of an .xlsx.
    entries: int = 1_000
    rows: int = 200_000
    columns: int = 200
    #: Characters in a cell, bytes in a line of text.
    cell_chars: int = 10_000
    line_bytes: int = 2**20
    #: Rows above the header that may hold a title.
    header_rows: int = 20


DEFAULT = Limits()
