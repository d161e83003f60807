"""docs/asvs.csv: each requirement once, with a status that is one, and evidence that is there."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
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


def test_the_two_chapters_are_whole():
    """Sections of V6 and V7 in version 5.0.0, counted."""
    sections = {"6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
                "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2}  # fmt: skip
    wanted = {f"V{section}.{number}" for section, most in sections.items() for number in range(1, most + 1)}
    assert {row["requirement"] for row in rows()} == wanted
