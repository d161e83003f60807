"""Text files that are wrong: each gives one refusal that says what to do, whatever its name or content."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from pathlib import Path

import pytest

from modules.facilities.layouts import Limits, parse
from modules.facilities.layouts import refusals as why
from modules.facilities.layouts.reading import open_register

HEADER = "Identyfikator instytucji;Typ instytucji;Nazwa instytucji;Województwo;Powiat;Gmina;Liczba miejsc"
ROW = "1/Z;Żłobek;Słoneczko;OPOLSKIE;krapkowicki;Krapkowice;20"
HEADINGS = HEADER.split(";")


# -- files


def test_no_such_file(tmp_path, refused):
    refused(tmp_path / "nothing.csv", why.FileMissing, "nothing.csv cannot be opened")
    refused(Path("a\0b"), why.FileMissing, "cannot be opened")


def test_a_folder_and_a_pipe_are_no_files(tmp_path, refused):
    refused(tmp_path, why.FileMissing, "is not a file")
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    refused(pipe, why.FileMissing, "is not a file")


def test_an_empty_file(written, refused):
    refused(written(b""), why.EmptyFile, "register.csv is empty")
    refused(written(gzip.compress(b"", mtime=0)), why.EmptyFile, "holds nothing")


def test_a_file_too_large(written, refused):
    refused(written(HEADER), why.FileTooLarge, "larger than 0 MiB", limits=Limits(file_bytes=10))


def test_the_name_does_not_matter(written, workbook, kept):
    text = f"{HEADER}\n{ROW}\n"
    assert kept(written(text, "register.xlsx")).source.format == "csv"
    assert kept(written(gzip.compress(text.encode()), "register.csv")).source.packed
    assert kept(workbook(HEADINGS, ROW.split(";"), name="register.csv")).source.format == "xlsx"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><table><tr><td>x</td></tr></table>", "web page"),
        ("\ufeff <!DOCTYPE html>".encode(), "web page"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02\x03" * 200, "not a text file"),
        (gzip.compress(b"PK\x03\x04" + b"x" * 50, mtime=0), "unpack it first"),
        (f"{HEADER}\r{ROW}\r".encode(), "carriage return"),
    ],
)
def test_what_is_no_register(written, content, says, refused):
    refused(written(content), why.WrongFormat, says)


# -- text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
def test_encodings_are_told_by_content(written, encoding, kept):
    parsed = kept(written(f"{HEADER}\r\n{ROW}\r\n".encode(encoding)))
    assert [row.name for row in parsed.rows] == ["Słoneczko"]
    assert parsed.source.encoding == encoding


def test_an_ascii_header_leaves_the_encoding_to_the_rows(written):
    mapping = {
        "columns": {"register_no": "no", "name": "name"},
        "constants": {"kind": "HOME", "region": "KR-11-110"},
    }
    for encoding in ("utf-8", "cp949"):
        path = written("no,name\n1,plain\n2,어린이집\n".encode(encoding))
        parsed = parse(path, "generic-csv", region_of=lambda name: name, mapping=mapping)
        assert (parsed.source.encoding, parsed.rows[1].name) == (encoding, "어린이집")


def test_a_broken_byte_is_named_with_its_offset_and_line(written, refused):
    good = f"{HEADER}\n".encode()
    refused(
        written(good + b"1/Z;\xc5\xbb\xff\n"),
        why.WrongEncoding,
        f"Byte 0xFF at offset {len(good) + 6} (line 2) is not UTF-8",
    )


def test_a_broken_byte_of_a_korean_register(written, data, refused):
    content = (data / "seoul_standard.csv").read_bytes()
    cut = content.index(b"\n", 2_000) + 40
    refused(
        written(content[:cut] + b"\xff" + content[cut:]),
        why.WrongEncoding,
        f"at offset {cut} ",
        "seoul-standard",
    )
    refused(
        written(content[:cut] + b"\xff" + content[cut:]), why.WrongEncoding, "is not CP949", "seoul-standard"
    )


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters_are_told_by_the_header(written, delimiter, kept):
    assert kept(written(f"{HEADER}\n{ROW}\n".replace(";", delimiter))).totals["kept"] == 1


def test_a_title_above_the_header_and_blank_lines(written, kept):
    parsed = kept(written(f"Rejestr żłobków\n\n{HEADER}\n\n{ROW}\n;;;;;;\n"))
    assert [row.line for row in parsed.rows] == [5]
    assert parsed.totals["read"] == 1


def test_no_header(written, refused):
    refused(
        written("a;b\n1;2\n"),
        why.HeaderNotFound,
        "names the columns: Identyfikator instytucji, Typ instytucji",
    )
    refused(written(HEADER.replace(";Gmina", ";Miasto")), why.HeaderNotFound, "names the columns: Gmina.")
    refused(written("title\n" * 25 + HEADER), why.HeaderNotFound)


def test_a_heading_twice(written, refused):
    refused(written(f"{HEADER};GMINA\n"), why.HeaderNotFound, "Two columns are called “Gmina”")


def test_three_hundred_columns(written, workbook, refused):
    refused(written(";".join(["x"] * 300) + f"\n{HEADER}\n"), why.TooManyColumns, "Row 1 has 300 columns")
    refused(written(f"{HEADER}\n" + ";" * 300 + "x\n"), why.TooManyColumns, "Row 2 has 301 columns")
    refused(workbook(HEADINGS, ["x"] * 300), why.TooManyColumns, "Row 2 has 300 columns")


def test_too_many_rows(written, workbook, refused):
    few = Limits(rows=3)
    refused(written(f"{HEADER}\n" + f"{ROW}\n" * 4), why.TooManyRows, "more than 3 rows", limits=few)
    refused(workbook(HEADINGS, *[ROW.split(";")] * 4), why.TooManyRows, "more than 3 rows", limits=few)


def test_a_cell_and_a_line_too_long(written, refused):
    refused(written(f"{HEADER}\n{ROW}{'x' * 10_001}\n"), why.CellTooLong, "line 2 is longer than 10000")
    refused(written(f"{HEADER}\n" + "x" * (2**20 + 1)), why.CellTooLong, "Line 2 is longer than")


def test_a_row_of_another_width_or_with_broken_quotes_is_rejected(written, kept):
    text = f'{HEADER}\n{ROW};more\n{ROW[:9]}\n2/Z;"Żło"bek;x;OPOLSKIE;krapkowicki;Krapkowice;1\n{ROW}\n'
    parsed = kept(written(text))
    assert [(one.code, one.line, one.value) for one in parsed.rejected] == [
        ("column-count", 2, "8 ≠ 7"),
        ("column-count", 3, "2 ≠ 7"),
        ("quotes-broken", 4, "';' expected after '\"'"),
    ]
    assert [row.line for row in parsed.rows] == [5]


def test_a_quote_that_never_ends(written, refused):
    refused(written(f'{HEADER}\n{ROW}\n2/Z;"Żłobek\n{ROW}\n'), why.UnclosedQuote, "opened on line 3")
    long = f'{HEADER}\n2/Z;"' + "x;\n" * 60_000
    refused(written(long), why.UnclosedQuote, "opened on line 2")


def test_a_cell_over_two_lines_is_one_row(written, kept):
    parsed = kept(written("\n".join((HEADER, ROW.replace("Słoneczko", '"Sło\nneczko"'), ROW[1:]))))
    assert [row.name for row in parsed.rows] == ["Sło neczko"]
    assert parsed.rejected[0].line == 4


def test_a_formula_in_a_text_rejects_its_row(written, kept):
    parsed = kept(written(f"{HEADER}\n{ROW}\n{ROW.replace('Słoneczko', '=1+1').replace('1/Z', '2/Z')}\n"))
    assert [(one.code, one.value) for one in parsed.rejected] == [("formula-in-cell", "Nazwa instytucji")]


def test_reading_holds_little_in_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n")
        file.writelines(f"{number}/Z;{'x' * 900};a;b;c;d;1\n" for number in range(20_000))
    tracemalloc.start()
    with open_register(path, lambda cells: () if cells == HEADINGS else ("x",)) as register:
        assert sum(1 for _row in register.rows) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 18_000_000
    assert peak < 2_000_000
