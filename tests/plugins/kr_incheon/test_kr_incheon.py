"""Incheon's own facts: ten districts, the goals of its system, invented centers that fit their floor."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def test_ten_districts_and_the_renamed_one_found_by_its_old_code(packs: dict[str, Any]) -> None:
    regions = packs["kr_incheon"].regions
    districts = {code for code, region in regions.items() if region["level"] == "district"}
    assert len(districts) == 10 and districts == set(packs["kr_incheon"].polygons)
    michuhol = regions["KR-28-177"]
    assert michuhol["legal_code"] == "28177" and set(michuhol["aliases"].split("|")) == {"28170", "남구"}


def test_goals_are_those_of_the_source(packs: dict[str, Any]) -> None:
    values = {entry["key"]: entry["value"] for entry in packs["kr_incheon"].policies}
    assert (
        values["statistics.adoption.target"]["share"]
        == values["accounting.paperless.threshold"]["share_of_centers"]
        == "0.80"
    )
    assert (
        values["accounting.outsourcing.cost"]["year_from"],
        values["accounting.outsourcing.cost"]["year_to"],
    ) == (600_000, 1_500_000)
    assert not any(values["grants.adoption.incentive"].values())


def test_demo_centers_fit_their_floor_and_their_kind(packs: dict[str, Any]) -> None:
    pack = packs["kr_incheon"]
    limits = {
        kind: e["value"]
        for e in pack.policies
        if e["key"] == "facilities.capacity.daycare"
        for kind in e["kind"]
    }
    rows = pack.demo_rows("generic-csv")
    assert len(rows) == 40 and {row["region"] for row in rows} == set(pack.polygons)
    for row in rows:
        limit, capacity = limits[row["kind"]], int(row["capacity"])
        assert limit["min_children"] <= capacity <= limit["max_children"], row["register_no"]
        assert capacity <= Decimal(row["room_area_m2"]) // Decimal(limit["nursery_area_m2"]), row[
            "register_no"
        ]


def test_demo_classes_keep_the_ratio(packs: dict[str, Any]) -> None:
    pack = packs["kr_incheon"]
    ratio = next(
        e["value"]["children_per_teacher"] for e in pack.policies if e["key"] == "staff.ratio.daycare"
    )
    for row in pack.imported("generic-csv").rows:
        for age, classes, children in row.age_groups:
            assert children <= classes * ratio[age], row.register_no
