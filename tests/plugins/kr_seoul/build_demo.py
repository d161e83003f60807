"""Make Seoul's demo register from the city's full file, without what may lead to a person.

    python tests/plugins/kr_seoul/build_demo.py SOURCE.csv plugins/kr_seoul/data/demo_facilities.csv.gz

Keeps every center that is not closed and those closed since 2023, all 62 columns, ordered by code, as
UTF-8. The same source gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from pathlib import Path

CODE, STATUS, CLOSED_ON = "어린이집코드", "운영현황", "폐지일자"
PHONES, HOMEPAGE = ("전화번호", "팩스번호"), "홈페이지주소"
CLOSED_SINCE = "2023-01-01"

MOBILE = re.compile(r"(?<![\d.])01[016789][- ]?\d{3,4}[- ]?\d{4}(?!\d)")
WEB_ADDRESS = re.compile(r"^(https?://)?([\w-]+\.)+[a-z가-힣]{2,}(:\d+)?(/\S*)?$", re.IGNORECASE)


def is_kept(row: dict[str, str]) -> bool:
    """Tell whether a center belongs into the demo: not closed, or closed lately."""
    return row[STATUS] != "폐지" or row[CLOSED_ON] >= CLOSED_SINCE


def without_people(row: dict[str, str]) -> dict[str, str]:
    """The row without mobile numbers, and without a homepage that is no plain web address."""
    clean = dict(row)
    for column in PHONES:
        if MOBILE.search(row[column]):
            clean[column] = ""
    page = row[HOMEPAGE].strip()
    if not WEB_ADDRESS.match(page) or "@" in page or MOBILE.search(page):
        clean[HOMEPAGE] = ""
    return clean


def build(source: bytes) -> bytes:
    """The compressed demo register for the bytes of the city's file (CP949)."""
    rows = csv.DictReader(io.StringIO(source.decode("cp949"), newline=""))
    kept = sorted((without_people(row) for row in rows if is_kept(row)), key=lambda row: row[CODE])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return gzip.compress(text.getvalue().encode("utf-8"), compresslevel=9, mtime=0)


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(build(Path(sys.argv[1]).read_bytes()))
