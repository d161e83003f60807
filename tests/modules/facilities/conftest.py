"""What the tests of registers share: the excerpts, the regions they lie in, and a way to change a cell."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter

from modules.facilities.layouts import Parsed, parse, resolver

DATA = Path(__file__).parents[2] / "data" / "facilities"

SEOUL = {
    "110": "종로구", "170": "용산구", "230": "동대문구", "260": "중랑구", "290": "성북구", "305": "강북구",
    "350": "노원구", "440": "마포구", "470": "양천구", "530": "구로구", "620": "관악구", "650": "서초구",
    "680": "강남구",
}  # fmt: skip
REGIONS = [
    ("KR-11", {"ko": "서울특별시"}),
    *((f"KR-11-{code}", {"ko": name}) for code, name in SEOUL.items()),
    ("KR-28", {"ko": "인천광역시"}),
    ("KR-28-177", {"ko": "미추홀구"}),
    ("KR-29", {"ko": "광주광역시"}),
    ("KR-29-140", {"ko": "서구"}),
    ("PL-16", {"pl": "Opolskie"}),
    *((f"PL-16-16050{n}", {"pl": name}) for n, name in (
        (1, "Gogolin"), (2, "Krapkowice"), (4, "Walce"), (5, "Zdzieszowice"),
    )),
]  # fmt: skip


@pytest.fixture
def data() -> Path:
    """The folder of excerpts."""
    return DATA


@pytest.fixture
def region_of():
    """The regions of Seoul, Gwangju's west, Incheon's 미추홀구 and the powiat of Krapkowice."""
    return resolver(REGIONS)


@pytest.fixture
def read(region_of):
    """Parses a file of the excerpts, or any path."""

    def _read(path, layout, **more) -> Parsed:
        return parse(DATA / path, layout, **({"region_of": region_of} | more))

    return _read


@pytest.fixture
def altered(tmp_path):
    """Writes an excerpt anew with cells of its first rows changed, and gives the path."""

    def _altered(name, changes, *, encoding="utf-8", delimiter=",", keep=None, more_columns=()) -> Path:
        source = (DATA / name).read_bytes().decode("cp949" if name.startswith("seoul") else "utf-8-sig")
        rows = list(csv.reader(io.StringIO(source), delimiter=delimiter))
        header, body = rows[0], rows[1 : None if keep is None else keep + 1]
        for row, values in zip(body, changes, strict=False):
            for heading, value in values.items():
                row[header.index(heading)] = value
        for heading, values in more_columns:
            header.append(heading)
            for row, value in zip(body, values, strict=False):
                row.append(value)
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([header, *body])
        return path

    return _altered


def by_code(parsed: Parsed, code: str) -> list[str]:
    """The register numbers a defect was found at."""
    return [str(defect.register_no) for defect in parsed.defects if defect.code == code]


@pytest.fixture
def at():
    """`at(parsed, code)`: the register numbers with that defect."""
    return by_code


def any_commune(name):
    return name if name.startswith("PL-") else None


@pytest.fixture
def written(tmp_path):
    """Writes bytes (or text as UTF-8) and gives the path."""

    def _written(content, name="register.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _written


@pytest.fixture
def workbook(tmp_path):
    """Writes an .xlsx of rows on its second sheet and gives the path."""

    def _workbook(*rows, name="register.xlsx"):
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet("Opis").write(0, 0, "Stan na 2026")
            sheet = book.add_worksheet("Dane")
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        return path

    return _workbook


@pytest.fixture
def kept():
    """Parses a register of nurseries in whatever commune."""

    def _kept(path, layout="pl-zlobki", **more) -> Parsed:
        return parse(path, layout, region_of=any_commune, **more)

    return _kept


@pytest.fixture
def refused(kept):
    """Asserts that a file is refused, in one line that says so."""

    def _refused(path, kind, says="", layout="pl-zlobki", **more):
        with pytest.raises(kind) as refusal:
            kept(path, layout, **more)
        assert says in str(refusal.value)
        assert "\n" not in str(refusal.value)

    return _refused
