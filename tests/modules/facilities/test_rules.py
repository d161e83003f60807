"""Capacity from floor area: the worked examples of the rulebook, and what an officer is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.facilities.rules import (
    DAYCARE,
    KIUM,
    Agreed,
    AreaRefused,
    CapacityPolicyWrong,
    daycare_capacity,
    kium_capacity,
)


@dataclass(frozen=True)
class Policy:
    id: str
    value: dict = field(default_factory=dict)


def daycare(**more):
    value = {"total_area_m2": "4.29", "nursery_area_m2": "2.64", "min_children": 11, "max_children": 300}
    return {DAYCARE: Policy("daycare-2024", value | {"rounding": "floor"} | more)}


def kium(**more):
    value = {"area_per_child_m2": "3.3", "rounding": "floor", "base_serves": ["regular", "temporary"]}
    extra = {"extra_temporary_share": "0.20", "extra_rounding": "floor", "extra_minimum": 0}
    return {KIUM: Policy("kium-2024", value | extra | more)}


HUB = kium(base_serves=["temporary"], extra_temporary_share="0")
HOME = daycare(min_children=5, max_children=20)


@pytest.mark.parametrize(
    ("total", "nursery", "policies", "children"),
    [
        ("214.5", "132", daycare(), 50),  # T-AREA-1
        ("214.4", "132", daycare(), 49),  # T-AREA-2
        ("100", "60", HOME, 20),  # T-AREA-3: 23 and 22 by floor, 20 by kind
        ("2000", "2000", daycare(), 300),
    ],
)
def test_daycare_by_floor(total, nursery, policies, children):
    figure = daycare_capacity(Decimal(total), Decimal(nursery), policies)
    assert figure.value == children
    assert figure.policy_ids == ("daycare-2024",)
    assert figure.remarks == ()


def test_the_license_caps_and_every_step_is_shown():
    figure = daycare_capacity(Decimal("214.5"), Decimal(132), daycare(), licensed=45)
    assert [(line.code, line.value) for line in figure.lines] == [
        ("total-area", 50),
        ("nursery-area", 50),
        ("kind", 300),
        ("license", 45),
        ("least", 45),
    ]
    assert str(figure.lines[0]) == "Whole floor: 214.5 m² ÷ 4.29 m² = 50 → 50"


def test_below_the_smallest_size_is_remarked():
    figure = daycare_capacity(Decimal(40), Decimal(30), daycare())
    assert figure.value == 9
    assert [(remark.code, remark.arithmetic) for remark in figure.remarks] == [("below-smallest", "9 < 11")]


@pytest.mark.rule("S1-108")
@pytest.mark.parametrize(
    ("area", "base", "extra"), [("72", 21, 4), ("66", 20, 4), ("3.29", 0, 0), ("80", 24, 4)]
)
def test_kium_floor(area, base, extra):
    capacity = kium_capacity(Decimal(area), kium())
    assert (capacity.base.value, capacity.extra.value) == (base, extra)
    assert capacity.base.policy_ids == capacity.extra.policy_ids == ("kium-2024",)


@pytest.mark.rule("S1-110")
@pytest.mark.parametrize(("mode", "extra"), [("floor", 4), ("ceil", 5), ("round", 4)])
def test_the_temporary_quota_is_outside_the_base_and_rounded_by_policy(mode, extra):
    capacity = kium_capacity(Decimal(72), kium(extra_rounding=mode))
    assert capacity.base.value == 21
    assert capacity.extra.value == extra
    assert capacity.temporary_only == extra
    assert str(capacity.extra.lines[0]) == f"Temporary places outside the base: 21 × 20 % = 4.2 → {extra}"


@pytest.mark.rule("S1-110")
def test_a_least_quota_where_a_region_wants_one():
    assert kium_capacity(Decimal("13.2"), kium()).extra.value == 0
    figure = kium_capacity(Decimal("13.2"), kium(extra_minimum=1)).extra
    assert (figure.value, figure.lines[-1].code) == (1, "extra-least")
    assert kium_capacity(Decimal(3), kium(extra_minimum=1)).extra.value == 0


@pytest.mark.rule("S1-111")
def test_a_hub_is_temporary_and_has_no_quota_outside():
    capacity = kium_capacity(Decimal(1_000), HUB)
    assert (capacity.base.value, capacity.extra.value, capacity.temporary_only) == (303, 0, 303)
    assert capacity.base_serves == ("temporary",)


@pytest.mark.rule("S1-112")
def test_what_district_and_center_agreed_holds_and_both_numbers_are_shown():
    capacity = kium_capacity(Decimal(66), kium(), agreed_extra=Agreed(5, "강서구 2023-09-07"))
    assert (capacity.base.value, capacity.extra.value) == (20, 5)
    assert [(line.code, line.value) for line in capacity.extra.lines] == [("extra-share", 4), ("agreed", 5)]
    assert [(one.code, one.arithmetic) for one in capacity.extra.remarks] == [("beyond-rule", "5 > 4")]


@pytest.mark.rule("S1-112")
def test_the_quota_follows_the_agreed_base():
    capacity = kium_capacity(Decimal(72), kium(), agreed_base=Agreed(15, "마포구 2024-01-02"))
    assert (capacity.base.value, capacity.extra.value) == (15, 3)
    assert capacity.base.remarks == ()


@pytest.mark.parametrize("area", [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 72.0, None])
def test_no_area(area):
    with pytest.raises(AreaRefused, match="is not an area"):
        kium_capacity(area, kium())


def test_a_negative_agreement():
    with pytest.raises(AreaRefused, match="cannot be negative"):
        kium_capacity(Decimal(72), kium(), agreed_base=Agreed(-1, "x"))


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        ({}, "No policy facilities.capacity.kium holds here"),
        (kium(area_per_child_m2="0"), "must be more than 0"),
        (kium(area_per_child_m2=3.3), "lacks the number area_per_child_m2"),
        (kium(area_per_child_m2="many"), "lacks the number area_per_child_m2"),
        (kium(area_per_child_m2="NaN"), "lacks the number area_per_child_m2"),
        (kium(extra_rounding="up"), "choose one of floor, ceil, round"),
        (kium(extra_temporary_share=None), "lacks the number extra_temporary_share"),
    ],
)
def test_a_policy_that_does_not_say_enough(policies, says):
    with pytest.raises(CapacityPolicyWrong) as refusal:
        kium_capacity(Decimal(72), policies)
    assert says in str(refusal.value)


@pytest.mark.rule("S1-108")
@settings(deadline=None)
@given(st.decimals(0, 5_000, places=2), st.decimals(0, 5_000, places=2))
def test_never_more_children_than_floor(total, nursery):
    figure = daycare_capacity(total, nursery, daycare())
    assert figure.value * Decimal("4.29") <= total
    assert figure.value * Decimal("2.64") <= nursery
    assert figure.value <= 300
    base = kium_capacity(total, kium()).base.value
    assert base * Decimal("3.3") <= total < (base + 1) * Decimal("3.3")
