"""The list of the Korean national portal: numbers of our own that stay, old and new names of provinces."""

from __future__ import annotations

import pytest

from modules.facilities.layouts.kr_basic import place_key
from modules.facilities.layouts.regions import district_key, inside, korean_candidates, province_key


def every_region(name):
    return "KR-29-140" if name.endswith("서구") else f"KR-46-{len(name)}"


@pytest.fixture
def parsed(read):
    return read("kr_basic.csv", "kr-basic", region_of=every_region)


def test_rows_get_numbers_of_their_own(parsed):
    assert parsed.totals["kept"] == 15
    assert not parsed.rejected
    assert len({row.register_no for row in parsed.rows}) == 15
    assert all(len(row.register_no) == 16 for row in parsed.rows)


def test_a_facility_licensed_anew_is_another_one(parsed, at):
    again = [row for row in parsed.rows if row.name == "죽림어린이집"]
    assert sorted((row.status, row.kind) for row in again) == [
        ("closed", "NATIONAL_PUBLIC"),
        ("closed", "WELFARE_CORP"),
        ("open", "WELFARE_CORP"),
    ]
    assert len({row.register_no for row in again}) == 3
    living = next(row.register_no for row in again if row.status == "open")
    assert living in at(parsed, "name-repeated-closed")


def test_two_of_one_name_at_one_house_number_differ_by_their_door(parsed):
    doors = [row for row in parsed.rows if row.name == "사랑해어린이집"]
    assert len({row.register_no for row in doors}) == 2
    assert len({row.licensed_on for row in doors}) == 1


def test_the_number_outlives_a_merged_province_and_a_retyped_address(altered, read, parsed):
    changes = [
        {
            "시도": "광주광역시",
            "주소": "광주광역시 서구 월드컵4강로197번길 7(쌍촌동, 1층)",
            "어린이집명": "아마란스 어린이집",
        }
    ]
    again = read(altered("kr_basic.csv", changes, keep=1), "kr-basic", region_of=every_region)
    assert again.rows[0].register_no == parsed.rows[0].register_no


def test_another_day_of_license_is_another_number(altered, read, parsed):
    again = read(
        altered("kr_basic.csv", [{"인가일자": "2003-02-14"}], keep=1), "kr-basic", region_of=every_region
    )
    assert again.rows[0].register_no != parsed.rows[0].register_no


def test_regions_are_found_by_old_and_new_names(read):
    parsed = read("kr_basic.csv", "kr-basic", region="KR-29")
    assert {row.region_code for row in parsed.rows} == {"KR-29-140"}
    assert parsed.errors == {"region-unknown": 15 - len(parsed.rows)}


def test_defects(parsed, at):
    names = {row.register_no: row.name for row in parsed.rows}
    assert parsed.warnings == {
        "coordinates-missing": 2,
        "name-repeated-closed": 2,
        "email-in-homepage": 1,
        "coordinates-placeholder": 1,
        "telephone-impossible": 1,
    }
    assert [names[number] for number in at(parsed, "telephone-impossible")] == ["주은혜어린이집"]


def test_a_dash_is_no_fax_and_no_defect(parsed, at):
    assert at(parsed, "fax-impossible") == []
    assert next(row for row in parsed.rows if row.name == "진용어린이집").fax is None


def test_the_old_xls_reads_like_the_csv(read, parsed):
    sheet = read("kr_basic.xls", "kr-basic", region_of=every_region)
    assert (sheet.source.format, sheet.source.sheet) == ("xls", "어린이집기본정보조회")
    assert [row.register_no for row in sheet.rows] == [row.register_no for row in parsed.rows[:5]]
    for one, other in zip(sheet.rows, parsed.rows, strict=False):
        assert (one.capacity, one.postcode, one.licensed_on, one.room_area_m2) == (
            other.capacity,
            other.postcode,
            other.licensed_on,
            other.room_area_m2,
        )


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("전남광주통합특별시 서구 월드컵4강로197번길 7 (쌍촌동)", "월드컵4강로197번길-7"),
        ("서구 화개1로24번길 9 109동 109호(금호동, 대주파크빌아파트)", "화개1로24번길-9-109-109"),
        ("곡성군 옥과면 죽림6길 20", "죽림6길-20"),
        ("서구 월드컵4강로 197번길 7", "월드컵4강로197번길-7"),
        ("영광군 법성면 법성길1길 17-4 ", "법성길1길-17-4"),
        ("나주시 산포면 새벽길 48-10 전라남도 나주시 산포면 새벽길 48-10삼성어린이집", "새벽길-48-10"),
        ("광양시 중동  1745-2, 1745-3 ", "광양시중동1745217453"),
        ("", ""),
    ],
)
def test_what_of_an_address_stays(address, key):
    assert place_key(address) == key


def test_names_of_places():
    assert province_key("전라남도") == province_key("전남광주통합특별시") == province_key("광주")
    assert province_key("강원도") == province_key("강원특별자치도")
    assert province_key("어디도") == "어디도"
    assert district_key("인천광역시", "남구") == district_key("인천", "미추홀구") == "미추홀구"
    assert district_key("광주광역시", "남구") == "남구"
    assert "인천광역시 미추홀구" in korean_candidates("인천광역시", "남구")
    assert korean_candidates("서울시", "중구")[0] == "서울시 중구"
    assert inside("KR-11-110", "KR-11")
    assert inside("KR-11", "KR-11")
    assert not inside("KR-110", "KR-11")
