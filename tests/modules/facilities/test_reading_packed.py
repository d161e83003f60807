"""Packed files and workbooks that are wrong or mean harm: refused before they cost anything."""

from __future__ import annotations

import gzip
import io
import struct
import time
import zipfile
import zlib

from modules.facilities.layouts import Limits, RegisterRefused
from modules.facilities.layouts import refusals as why

HEADER = "Identyfikator instytucji;Typ instytucji;Nazwa instytucji;Województwo;Powiat;Gmina;Liczba miejsc"
ROW = "1/Z;Żłobek;Słoneczko;OPOLSKIE;krapkowicki;Krapkowice;20"
HEADINGS = HEADER.split(";")


# -- packed


def test_a_truncated_gzip(written, refused):
    packed = gzip.compress(f"{HEADER}\n{ROW}\n".encode() * 2_000)
    refused(written(packed[: len(packed) // 2]), why.TruncatedFile, "ends in its middle")
    refused(written(packed[:-4]), why.TruncatedFile, "ends in its middle")


def test_a_damaged_gzip(written, refused):
    packed = bytearray(gzip.compress(f"{HEADER}\n{ROW}\n".encode() * 50, mtime=0))
    packed[-6] ^= 0xFF
    refused(written(bytes(packed)), why.DamagedFile, "is damaged")
    refused(written(b"\x1f\x8b" + b"\x08" * 40), RegisterRefused)


def test_a_gzip_bomb(written, refused):
    start = time.process_time()
    bomb = gzip.compress(f"{HEADER}\n".encode() + b" " * 2**26)
    refused(written(bomb), RegisterRefused)
    lines = gzip.compress(f"{HEADER}\n".encode() + (b" " * 5_000 + b";;;;;;\n") * 2**12)
    refused(written(lines), why.PackedTooTightly, "200 times")
    refused(
        written(lines), why.FileTooLarge, "more than 2 MiB", limits=Limits(unpacked_bytes=2**21, ratio=10**6)
    )
    assert time.process_time() - start < 20


# -- workbooks


def test_a_workbook_reads_like_a_text(workbook, kept):
    parsed = kept(
        workbook(
            ["Rejestr"],
            HEADINGS,
            ["12/Z", "Żłobek", "Słoneczko", "OPOLSKIE", "krapkowicki", "Krapkowice", 20],
        )
    )
    assert [(row.register_no, row.capacity, row.line) for row in parsed.rows] == [("12/Z", 20, 3)]
    assert (parsed.source.format, parsed.source.sheet, parsed.source.encoding) == ("xlsx", "Dane", "")


def test_a_workbook_may_leave_out_the_last_cells(workbook, kept):
    rows = ROW.split(";")
    parsed = kept(workbook([*HEADINGS, "Uwagi"], rows, [*rows[:-1]], [*rows, "", "too far"]))
    assert [(row.register_no, row.capacity) for row in parsed.rows] == [("1/Z", 20)]
    assert [one.code for one in parsed.rejected] == ["register-number-duplicate", "column-count"]


def test_a_formula_in_a_workbook(workbook, data, refused):
    refused(
        workbook(HEADINGS, [*ROW.split(";")[:-1], "=10+10"]), why.FormulaInCell, "Cell G2 holds a formula"
    )
    refused(data / "formula.xls", why.FormulaInCell, "Cell O5 holds a formula", "kr-basic")


def test_a_truncated_or_damaged_workbook(workbook, written, data, refused):
    content = workbook(HEADINGS, ROW.split(";")).read_bytes()
    refused(written(content[: len(content) // 2], "cut.xlsx"), why.TruncatedFile, "ends in its middle")
    refused(written(content[:-30], "cut.xlsx"), why.TruncatedFile)
    old = (data / "kr_basic.xls").read_bytes()
    for size in (600, len(old) // 3, len(old) // 2):
        refused(written(old[:size], "cut.xls"), RegisterRefused, "The workbook", "kr-basic")


def zipped(*parts, **more):
    """An .xlsx of the given parts beside a workbook.xml."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **({"compression": zipfile.ZIP_DEFLATED} | more)) as archive:
        for name, content in (("xl/workbook.xml", b"<workbook/>"), *parts):
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_plain_zip_is_no_workbook(written, refused):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("register.csv", HEADER)
    refused(written(buffer.getvalue()), why.WrongFormat, "unpack it")


def test_a_zip_bomb(written, refused):
    start = time.process_time()
    refused(written(zipped(("xl/sheet.xml", b"\0" * 2**26))), why.PackedTooTightly, "200 times")
    many = [(f"xl/{number}.xml", b"") for number in range(1_001)]
    refused(written(zipped(*many)), why.PackedTooTightly, "more than 1000 parts")
    refused(written(zipped(), "a.xlsx"), why.FileTooLarge, limits=Limits(unpacked_bytes=5))
    assert time.process_time() - start < 10


def test_a_lying_directory(written, refused):
    content = bytearray(zipped())
    end = content.rindex(b"PK\x05\x06")
    struct.pack_into("<I", content, end + 12, 2**31)
    refused(written(bytes(content)), why.PackedTooTightly)


def test_entities_hidden_encodings_and_odd_packing(written, refused):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    refused(written(zipped(("xl/sharedStrings.xml", bomb))), why.WrongFormat, "document type")
    late = b"<x>" + b" " * (2**16 - 8) + b"<!DOCTYPE y>"
    refused(written(zipped(("xl/sharedStrings.xml", late))), why.WrongFormat, "document type")
    refused(written(zipped(("xl/a.xml", bomb.decode().encode("utf-16")))), why.WrongFormat, "document type")
    refused(written(zipped(compression=zipfile.ZIP_BZIP2)), why.WrongFormat, "packed in a way")


def test_a_locked_workbook(written, refused):
    content = bytearray(zipped())
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + offset] |= 1
    refused(written(bytes(content)), why.WrongFormat, "locked by a password")


def test_a_workbook_without_sense(written, refused):
    refused(written(zipped()), why.DamagedFile, "is damaged")
    refused(written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), RegisterRefused)


def test_a_deflated_stream_that_ends_wrong(written, refused):
    raw = zlib.compress(HEADER.encode())
    refused(written(b"\x1f\x8b\x08\0\0\0\0\0\0\3" + raw[2:-4] + b"\0" * 8), RegisterRefused)
