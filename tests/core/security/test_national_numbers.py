"""National numbers are found however they are written, and what only looks like one is left alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security.national_numbers import stand_in


@pytest.mark.parametrize(
    "text",
    [
        "901212-2345678", "박서연 9012122345678", "2001년 010203-3123456 어머니", "９０１２１２－２３４５６７８", "901212 - 2345678",
        "(201105-4123456)", "44051401359", "Jan, PESEL 44051401359.", "02270803624",
    ],
)  # fmt: skip
def test_found(text):
    assert stand_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "010-1234-5678", "+48 600 100 200", "+821012345678", "2024-05-04", "991332-1234567", "44051401358", "서울 2024-112233",
        "PL61109010140000071219812874", "110-12-34567", "1234567890123", "a44051401359b", "900101-9234567",
    ],
)  # fmt: skip
def test_left_alone(text):
    assert not stand_in(text)


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.integers(0, 1), st.integers(0, 999_999), st.text(" :/가나다,.", max_size=5))
def test_every_korean_number_is_found(born, sex, rest, around):
    century = (1 if born.year < 2000 else 3) + sex
    assert stand_in(f"{around}{born:%y%m%d}-{century}{rest:06}{around}")
