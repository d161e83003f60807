"""The order of a list: the rulebook's worked cases W1 to W6 and W10, and what holds for any circumstances."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.enrollment.rules import assess, class_age, most_applications, order_key, unborn_until

PACKS = Path(__file__).parents[3] / "plugins"
VALUE = tomllib.loads((PACKS / "kr_seoul" / "policies" / "enrollment.toml").read_text())["policy"][0]["value"]
CODES = [item["code"] for item in VALUE["items"]]


def points(*codes: str, verified: bool = True) -> int:
    return assess(dict.fromkeys(codes, verified), VALUE).points


@pytest.mark.parametrize(
    ("case", "codes", "wanted"),
    [
        ("W1", ["both_working"], 200),
        ("W2", ["both_working", "three_children"], 700),
        ("W3", ["one_parent", "multicultural"], 200),
        ("W4", ["three_children"], 200),
        ("W5", ["sibling_attending"], 50),
        ("none", [], 0),
        ("three are also two", ["two_children", "three_children"], 200),
    ],
)
def test_worked_cases(case, codes, wanted):
    assert points(*codes) == wanted


def test_equal_points_are_ordered_by_arrival():  # W3 beside W1
    w1, w3 = (assess(dict.fromkeys(codes, True), VALUE) for codes in (["both_working"], ["one_parent", "multicultural"]))
    assert order_key(w1.tier, w1.points, 1, VALUE) < order_key(w3.tier, w3.points, 2, VALUE)


def test_a_second_tier_stands_between_none_and_the_first():  # W5
    keys = [order_key(a.tier, a.points, 1, VALUE) for a in (
        assess({"one_parent": True}, VALUE), assess({"sibling_attending": True}, VALUE), assess({}, VALUE))]  # fmt: skip
    assert keys == sorted(keys)
    assert len(set(keys)) == 3


def test_the_tier_may_come_first():
    value = VALUE | {"cross_tier": "tier_then_sum"}
    first = assess({"one_parent": True}, value)
    second = assess(dict.fromkeys(["adopted", "sibling_attending", "raised_by_grandparents"], True), value)
    assert second.points > first.points
    assert order_key(first.tier, first.points, 2, value) < order_key(second.tier, second.points, 1, value)
    assert order_key(first.tier, first.points, 2, VALUE) > order_key(second.tier, second.points, 1, VALUE)


def test_evidence_that_is_not_verified_counts_provisionally():
    found = assess({"both_working": False, "three_children": True}, VALUE)
    assert (found.tier, found.points, found.provisional) == (1, 200, 700)
    assert {line.code: line.counted for line in found.lines}["both_working"] is False


def test_limits():  # W6, W7
    assert most_applications(enrolled=False, value=VALUE) == 3
    assert most_applications(enrolled=True, value=VALUE) == 2


def test_an_unborn_child_must_be_told_in_time():  # W10
    last = unborn_until(date(2026, 5, 1), VALUE)
    assert date(2026, 5, 20) <= last < date(2026, 7, 1)


@pytest.mark.parametrize(
    ("born", "start", "age"),
    [
        (date(2022, 6, 1), date(2023, 3, 2), 0), (date(2021, 1, 1), date(2023, 3, 2), 1), (date(2017, 12, 31), date(2023, 12, 1), 5),
        (date(2022, 6, 1), date(2024, 2, 28), 0), (date(2022, 6, 1), date(2024, 3, 1), 1), (date(2023, 4, 1), date(2023, 9, 1), 0),
    ],
)  # fmt: skip
def test_class_age_follows_the_year_of_birth(born, start, age):
    assert class_age(born, start) == age


claims = st.dictionaries(st.sampled_from(CODES), st.booleans())


@given(claims)
def test_the_lines_explain_the_sum(given_claims):
    found = assess(given_claims, VALUE)
    assert found.points == sum(line.points for line in found.lines if line.counted)
    assert 0 <= found.points <= found.provisional
    assert 1 <= found.tier <= 3


@given(claims, st.sampled_from(CODES))
def test_proving_more_never_lowers_a_place(given_claims, code):
    before = assess(given_claims, VALUE)
    after = assess({**given_claims, code: True}, VALUE)
    assert order_key(after.tier, after.points, 1, VALUE) <= order_key(before.tier, before.points, 1, VALUE)
