"""Names of children: one child in two scripts or with a slip, and two children with like names."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.families.rules import Known, alike, double_of, sound, twin_of

ONE = [
    ("김민준", "Kim Minjun"), ("이서연", "Lee Seo-yeon"), ("박지후", "Park Jihoo"), ("최서윤", "Choi Seoyun"),
    ("정하윤", "Jung Ha-yoon"), ("강은우", "Kang Eunwoo"), ("임서현", "Lim Seohyun"), ("김 민준", "김민준"),
    ("Zuzanna Kowalska", "Zuzana Kowalska"), ("Łucja Nowak", "Lucja Nowak"), ("Jan  Nowak", "jan nowak"),
]  # fmt: skip
TWO = [
    ("김민준", "김서준"), ("김민준", "Kim Seojun"), ("Maja Nowak", "Kaja Nowak"), ("Jan Nowak", "Ewa Nowak"), ("김민준", "!"),
    ("이서연", "이서윤"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ONE)
def test_spellings_of_one_name(one, other):
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_names_of_two_children(one, other):
    assert not alike(one, other)
    assert not alike(other, one)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_compared_the_same_both_ways_round(one, other):
    assert isinstance(sound(one), str)
    assert alike(one, other) == alike(other, one)


@given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6))
def test_a_hangul_name_is_itself(name):
    assert alike(name, name)


def test_unborn_children_are_one_within_a_month_unless_twins():
    there = [Known("—", None, date(2026, 5, 1), multiple=False)]
    assert double_of(Known("—", None, date(2026, 6, 1), multiple=False), there)
    assert not double_of(Known("—", None, date(2026, 6, 2), multiple=False), there)
    assert not double_of(Known("—", None, date(2026, 5, 1), multiple=True), there)
    assert twin_of(Known("A", date(2024, 1, 1), None, multiple=False), [Known("B", date(2024, 1, 1), None, multiple=False)])
