"""What stands in a cell: figures in the reader's spelling, a dash for what is not known, words as they are."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.web.i18n.formats import figure


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (None, "en", "—"),
        (0, "en", "0"),
        (12345, "en", "12,345"),
        (12345, "pl", "12\u00a0345"),
        (12345, "ko", "12,345"),
        (Decimal("2.5"), "pl", "2,5"),
        ("LG유플러스", "pl", "LG유플러스"),
    ],
)
def test_a_cell(value: object, language: str, text: str) -> None:
    assert figure(value, language) == text
