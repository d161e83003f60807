"""Seoul's own facts: 25 districts, the real register without people's data, Kium centers and their floor."""

from __future__ import annotations

import gzip
import runpy
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

FILE = "data/demo_facilities.csv.gz"
#: Its row says Jongno-gu, its code Jung-gu. Seven more points miss their simplified polygon by less than
#: 30 m, which the importer forgives.
OUTSIDE = {"11140000026"}


@pytest.fixture(scope="module")
def rows(packs: dict[str, Any]) -> list[dict[str, str]]:
    """The shipped rows of the real register."""
    return list(packs["kr_seoul"].demo_rows("seoul-standard"))


@pytest.fixture(scope="module")
def build() -> Callable[[bytes], bytes]:
    """The function that makes the shipped file from the city's."""
    return runpy.run_path(str(Path(__file__).with_name("build_demo.py")))["build"]  # type: ignore[no-any-return]


def test_twenty_five_districts_each_with_its_polygon(packs: dict[str, Any]) -> None:
    pack = packs["kr_seoul"]
    districts = {code: region for code, region in pack.regions.items() if region["level"] == "district"}
    assert len(districts) == 25 and set(districts) == set(pack.polygons)
    assert all(code == f"KR-11-{region['legal_code'][2:]}" for code, region in districts.items())
    assert (
        districts["KR-11-290"]["aliases"] == "서울시성북구" and districts["KR-11-290"]["name_ko"] == "성북구"
    )


def test_register_keeps_the_layout_and_the_counts(packs: dict[str, Any], rows: list[dict[str, str]]) -> None:
    assert len(rows[0]) == 62 and [row["어린이집코드"] for row in rows] == sorted(
        {row["어린이집코드"] for row in rows}
    )
    assert Counter(row["운영현황"] for row in rows) == {
        "정상": 1966,
        "재개": 34,
        "휴지": 30,
        "": 2,
        "폐지": 541,
    }
    districts = {
        region["name_ko"] for region in packs["kr_seoul"].regions.values() if region["level"] == "district"
    }
    assert len({row["시군구명"] for row in rows}) == 13 and {row["시군구명"] for row in rows} <= districts


def test_points_lie_in_their_district_but_for_the_known_defects(packs: dict[str, Any]) -> None:
    parsed = packs["kr_seoul"].imported("seoul-standard")
    assert parsed.totals["kept"] == parsed.totals["read"] == 2573
    found = {code: {d.register_no for d in parsed.defects if d.code == code} for code in parsed.warnings}
    assert found["coordinates-outside-district"] == OUTSIDE
    assert len(found["coordinates-missing"]) == 9 and len(found["coordinates-placeholder"]) == 8
    assert "kind-unknown" not in found and "email-in-homepage" not in found and "email-in-text" not in found


def test_file_is_small_and_the_same_bytes_every_time(
    packs: dict[str, Any], build: Callable[[bytes], bytes]
) -> None:
    packed = (packs["kr_seoul"].path / FILE).read_bytes()
    text = gzip.decompress(packed).decode("utf-8")
    assert len(packed) < 600_000
    assert packed[3] == 0 and packed[4:8] == bytes(4), "the gzip header must hold no file name and no time"
    assert gzip.decompress(build(text.encode("cp949"))).decode("utf-8") == text
    assert build(text.encode("cp949")) == build(text.encode("cp949"))


def test_build_leaves_out_mail_mobile_numbers_and_long_closed_centers(
    build: Callable[[bytes], bytes],
) -> None:
    source = (
        '"어린이집코드","운영현황","폐지일자","전화번호","팩스번호","홈페이지주소"\n'
        '"3","정상","","010-1234-5678","02-123-4567","masked@naver.com"\n'
        '"2","폐지","2022-12-31","02-1-2","",""\n'
        '"1","폐지","2023-01-01","02-987-6543","011-234-5678","http://cafe.daum.net/01012345678"\n'
        '"0","휴지","","02-987-6543","","www.puruni.com/samil"\n'
    )
    made = gzip.decompress(build(source.encode("cp949"))).decode("utf-8").splitlines()
    assert made[1:] == [
        "0,휴지,,02-987-6543,,www.puruni.com/samil",
        "1,폐지,2023-01-01,02-987-6543,,",
        "3,정상,,,02-123-4567,",
    ]


def test_kium_capacity_follows_the_floor_area(packs: dict[str, Any]) -> None:
    pack = packs["kr_seoul"]
    rows = pack.demo_rows("generic-csv")
    assert Counter(row["kind"] for row in rows) == {"KIUM_GENERAL": 6, "KIUM_CONVERGENCE": 3, "KIUM_HUB": 7}
    per_child = {
        kind: Decimal(e["value"]["area_per_child_m2"])
        for e in pack.policies
        if e["key"] == "facilities.capacity.kium"
        for kind in e["kind"]
    }
    smallest = {
        kind: Decimal(e["value"]["minimum_m2"])
        for e in pack.policies
        if e["key"] == "facilities.floor_area.kium"
        for kind in e["kind"]
    }
    for row in rows:
        area = Decimal(row["room_area_m2"])
        assert area >= smallest[row["kind"]] and int(row["capacity"]) == area // per_child[row["kind"]], row[
            "register_no"
        ]


def test_hubs_get_no_extra_places_and_others_a_fifth(packs: dict[str, Any]) -> None:
    values = {
        kind: e["value"]
        for e in packs["kr_seoul"].policies
        if e["key"] == "facilities.capacity.kium"
        for kind in e["kind"]
    }
    assert values["KIUM_HUB"]["extra_temporary_share"] == "0" and values["KIUM_HUB"]["base_serves"] == [
        "temporary"
    ]
    for kind in ("KIUM_GENERAL", "KIUM_CONVERGENCE"):
        assert values[kind]["extra_temporary_share"] == "0.20" and values[kind]["extra_rounding"] == "floor"
