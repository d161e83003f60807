"""Any bytes at all: a register or a refusal, never another exception."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from modules.facilities.layouts import LAYOUTS, RegisterRefused, parse

HEADER = "Identyfikator instytucji;Typ instytucji;Nazwa instytucji;Województwo;Powiat;Gmina;Liczba miejsc"
ROW = "1/Z;Żłobek;Słoneczko;OPOLSKIE;krapkowicki;Krapkowice;20"


def attempt(content, layout):
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        try:
            parsed = parse(Path(file.name), layout, region_of=lambda name: name)
        except RegisterRefused:
            return
    counts = parsed.totals
    assert counts.pop("read") == sum(counts.values())


SMALL = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MAGIC = st.sampled_from(
    [b"", b"\x1f\x8b\x08\0", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xef\xbb\xbf", b'"']
)


@SMALL
@given(MAGIC, st.binary(max_size=2_000), st.sampled_from(sorted(LAYOUTS)))
def test_no_bytes_escape_as_anything_but_a_refusal(magic, content, layout):
    attempt(magic + content, layout)


@SMALL
@given(st.binary(max_size=400), st.booleans())
@example(b'"', False)
@example(b"\0", True)
def test_nothing_below_a_header_escapes(content, packed):
    text = f"{HEADER}\n".encode() + content
    attempt(gzip.compress(text) if packed else text, "pl-zlobki")


@SMALL
@given(st.lists(st.text(max_size=12), min_size=62, max_size=62))
def test_no_cells_escape(cells):
    columns = [names[0] for names in LAYOUTS["seoul-standard"].columns.values()]
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells[: len(columns)])
    attempt(f"{','.join(columns)}\n{quoted}\n".encode("utf-8", "surrogatepass"), "seoul-standard")


@pytest.fixture(scope="module")
def samples():
    """A workbook of each kind, to be broken."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER.split(";"))
        sheet.write_row(1, 0, ROW.split(";"))
    xls = Path(__file__).parents[2] / "data" / "facilities" / "kr_basic.xls"
    return {
        "xlsx": buffer.getvalue(),
        "xls": xls.read_bytes(),
        "gz": gzip.compress(f"{HEADER}\n{ROW}\n".encode()),
    }


@SMALL
@given(
    st.sampled_from(["xlsx", "xls", "gz"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    st.floats(0.3, 1),
)
def test_no_broken_workbook_escapes(samples, kind, changes, length):
    content = bytearray(samples[kind])
    for place, value in changes:
        content[int(place * len(content))] = value
    attempt(bytes(content[: int(length * len(content)) or 1]), "kr-basic" if kind == "xls" else "pl-zlobki")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_no_sheet_xml_escapes(content):
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            archive.writestr(name, sheet)
        archive.writestr("[Content_Types].xml", content)
    attempt(buffer.getvalue(), "pl-zlobki")
