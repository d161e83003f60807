"""docs/rules.md says what the tests say: it is generated, and nobody forgets to."""

from __future__ import annotations

import pytest

from core.commands.explaining import UnknownRule, rule_page, rule_rows
from core.config import ROOT


def test_the_page_is_what_the_tests_say():
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == rule_page(rule_rows()), "run: dolbom rules --write docs/rules.md"


def test_a_rule_nobody_listed_is_named_with_its_test(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rules.tsv").write_text("S1-001\tA rule.\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text("@pytest.mark.rule('S9-999')\ndef test_it(): pass\n")
    with pytest.raises(UnknownRule, match=r"S9-999: correct tests/test_x\.py::test_it"):
        rule_rows(tmp_path)
    (tmp_path / "tests" / "test_x.py").write_text("@pytest.mark.rule('S1-001')\ndef test_it(): pass\n")
    assert [row["state"] for row in rule_rows(tmp_path)] == ["tested"]
