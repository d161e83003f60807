"""Korean packs work alone, so each carries the country's rules: they must say the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

NATIONAL = ["accounts", "daycare_capacity", "daycare_hours", "daycare_staff", "ministry", "retention"]


@pytest.mark.parametrize("name", NATIONAL)
def test_national_rules_are_the_same_in_every_korean_pack(packs: dict[str, Any], name: str) -> None:
    texts = {
        (pack.path / f"policies/{name}.toml").read_bytes()
        for pack in packs.values()
        if pack.name.startswith("kr_")
    }
    assert len(texts) == 1, f"policies/{name}.toml differs between the Korean packs"


def test_the_country_and_its_kinds_are_the_same_in_every_korean_pack(packs: dict[str, Any]) -> None:
    seoul, incheon = packs["kr_seoul"], packs["kr_incheon"]
    assert seoul.regions["KR"] == incheon.regions["KR"]
    assert incheon.kinds.items() <= seoul.kinds.items()


@pytest.mark.parametrize(
    ("day", "korean"),
    [(date(2024, 6, 26), "보건복지부"), (date(2024, 6, 27), "교육부"), (date(2026, 7, 1), "교육부")],
)
def test_the_ministry_moved_in_june_2024(packs: dict[str, Any], day: date, korean: str) -> None:
    for pack in (packs["kr_seoul"], packs["kr_incheon"]):
        holding = [
            entry["value"]["ko"]
            for entry in pack.policies
            if entry["key"] == "core.ministry.childcare"
            and entry["valid_from"] <= day <= entry.get("valid_to", date.max)
        ]
        assert holding == [korean]
