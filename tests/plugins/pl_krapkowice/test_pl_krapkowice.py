"""Krapkowice's own facts: TERYT codes, the rate history, the free window, the county's real nurseries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest


def value(pack: Any, key: str, day: date) -> Any:
    """The one value of a key on a day."""
    [found] = [
        entry["value"]
        for entry in pack.policies
        if entry["key"] == key and entry["valid_from"] <= day <= entry.get("valid_to", date.max)
    ]
    return found


@pytest.mark.parametrize(
    ("day", "grosz"),
    [
        (date(2013, 9, 1), 100),
        (date(2022, 8, 31), 100),
        (date(2022, 9, 1), 114),
        (date(2023, 8, 31), 114),
        (date(2023, 9, 1), 130),
        (date(2024, 9, 1), 144),
        (date(2025, 9, 1), 149),
    ],
)
def test_the_highest_rate_by_day(packs: dict[str, Any], day: date, grosz: int) -> None:
    assert value(packs["pl_krapkowice"], "fees.rate.maximum", day) == {"amount": grosz, "currency": "PLN"}


def test_the_councils_rate_never_exceeds_the_highest(packs: dict[str, Any]) -> None:
    pack = packs["pl_krapkowice"]
    changes = {entry["valid_from"] for entry in pack.policies if entry["key"].startswith("fees.rate.")}
    for day in (day for day in changes if day >= date(2020, 2, 1)):
        assert value(pack, "fees.rate.hour", day)["amount"] <= value(pack, "fees.rate.maximum", day)["amount"]


def test_free_window_and_buffers_are_those_of_the_source(packs: dict[str, Any]) -> None:
    pack, first = packs["pl_krapkowice"], date(2020, 2, 1)
    assert value(pack, "fees.window.free", first) == {"from": "08:00", "to": "13:00", "hours_per_day": 5}
    counting = value(pack, "fees.counting.stay", first)
    assert (counting["buffer_in_minutes"], counting["buffer_out_minutes"], counting["rounding"]) == (
        15,
        15,
        "STARTED_HOUR",
    )


def test_five_communes_with_their_teryt_codes(packs: dict[str, Any]) -> None:
    regions = packs["pl_krapkowice"].regions
    communes = [region for region in regions.values() if region["level"] == "district"]
    assert [commune["legal_code"] for commune in communes] == [
        "160501",
        "160502",
        "160503",
        "160504",
        "160505",
    ]
    assert regions["PL-16-160502"]["name_ko"] == "크라프코비체"
    assert packs["pl_krapkowice"].polygons["PL-16-160502"]["properties"]["extent"] == "powiat krapkowicki"


def test_the_six_real_nurseries_are_there_without_a_persons_name(packs: dict[str, Any]) -> None:
    real = {row.register_no: row for row in packs["pl_krapkowice"].imported("pl-zlobki").rows}
    assert set(real) == {"2435/Z", "2438/Z", "2439/Z", "2446/Z", "4683/Z", "15981/Z"}
    assert sum(row.capacity for row in real.values()) == 268
    assert real["2435/Z"].name == 'Żłobek "Świat do 3 lat"'
    assert real["15981/Z"].region_code == "PL-16-160504"
