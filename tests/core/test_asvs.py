"""docs/asvs.csv: each requirement once, with a status that is one, and evidence that is there."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The list of version 5.0.0 as it lies in OWASP's repository at the tag v5.0.0_release (CC BY-SA 4.0).
PUBLISHED = ROOT / "docs" / "asvs-5.0.0.csv"
SHA256 = "98c8fe911b9edb403af8ee05d3ce8201ecac2659e313b053890a62847cdcf680"
STATUSES = {"met", "not-applicable", "open"}


def rows():
    with (ROOT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def missing(evidence):
    """What is named and not there: a file, or a test in it; words name nothing."""
    path, _, test = evidence.partition("::")
    if not re.fullmatch(r"[\w./-]+\.(py|md)", path):
        return None
    file = ROOT / path
    if not file.exists():
        return path
    return None if not test or f"def {test}(" in file.read_text("utf-8") else evidence


def test_each_requirement_stands_once_with_number_level_and_status():
    numbers = [row["requirement"] for row in rows()]
    assert len(set(numbers)) == len(numbers)
    for row in rows():
        assert None not in row.values(), row
        assert re.fullmatch(r"V\d+\.\d+\.\d+", row["requirement"]), row
        assert row["level"] in {"1", "2", "3"}, row
        assert row["status"] in STATUSES, row
        assert row["evidence"].strip(), row


def test_the_evidence_is_there():
    assert [found for row in rows() if (found := missing(row["evidence"]))] == []


def test_the_control_finds_what_is_not_there():
    assert missing("tests/core/test_asvs.py::test_nobody_wrote")
    assert missing("docs/nothing.md")
    assert missing("there is no identity provider") is None


def published():
    """The requirements as OWASP published them."""
    content = PUBLISHED.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256, "the file is OWASP's own and not to be edited"
    return {row["req_id"]: row for row in csv.DictReader(content.decode("utf-8-sig").splitlines(keepends=True))}


def test_numbers_and_levels_are_those_published():
    found = published()
    assert len(found) == 345
    for row in rows():
        assert found[row["requirement"]]["L"] == row["level"], row


def test_level_1_and_four_chapters_are_whole():
    there = {row["requirement"] for row in rows()}
    whole = ("V6", "V7", "V10", "V17")
    wanted = {number for number, row in published().items() if row["L"] == "1" or row["chapter_id"] in whole}
    assert len(wanted) == 160
    assert sum(row["L"] == "1" for row in published().values()) == 70
    assert wanted - there == set()


def test_they_stand_in_the_order_published():
    order = list(published())
    numbers = [row["requirement"] for row in rows()]
    assert numbers == sorted(numbers, key=order.index)
