"""Seoul's standard register: each defect of the real file is found where it is, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

BOX = {
    "type": "Polygon",
    "coordinates": [[[126.5, 37.3], [127.3, 37.3], [127.3, 37.8], [126.5, 37.8], [126.5, 37.3]]],
}
FAR = {
    "type": "Polygon",
    "coordinates": [[[126.9, 37.60], [127.0, 37.60], [127.0, 37.65], [126.9, 37.65], [126.9, 37.6]]],
}


@pytest.fixture
def parsed(read):
    return read("seoul_standard.csv", "seoul-standard", region="KR-11")


def row(parsed, number):
    return next(row for row in parsed.rows if row.register_no == number)


def test_every_row_is_kept_and_its_file_is_known(parsed):
    assert parsed.totals == {"read": 27, "kept": 27, "rejected": 0, "outside-region": 0, "not-childcare": 0}
    assert (parsed.source.format, parsed.source.encoding, parsed.source.packed) == ("csv", "cp949", False)
    assert len(parsed.header) == 62
    assert len(parsed.sha256) == 64


def test_a_row_becomes_a_facility(parsed):
    found = row(parsed, "11470000644")
    assert (found.register, found.name, found.line) == ("kr-stcode", "소담어린이집", 3)
    assert (found.kind, found.kind_raw, found.status, found.status_raw) == ("HOME", "가정", "open", "정상")
    assert (found.region_code, found.region_raw, found.postcode) == ("KR-11-470", "양천구", "08107")
    assert (found.capacity, found.enrolled, found.rooms, found.room_area_m2) == (20, 20, 3, Decimal(59))
    assert (found.staff_count, found.cctv, found.playgrounds, found.bus) == (8, 4, 0, False)
    assert found.age_groups == (("1", 2, 9), ("2", 1, 7), ("infant_mixed", 2, 4))
    assert (found.phone, found.homepage) == ("02-2061-2282", "https://m.cafe.naver.com")
    assert (found.licensed_on, found.source_on) == (date(2026, 7, 1), date(2026, 7, 21))
    assert found.lat == pytest.approx(37.511701)
    assert found.lon == pytest.approx(126.852508)


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        ("coordinates-placeholder", ["11440000487"]),
        (
            "coordinates-missing",
            ["11440000340", "11530000510", "11650000134", "11470000055", "11530000199"],
        ),
        ("telephone-impossible", ["11440000487", "11650000305"]),
        ("capacity-missing", ["11440000487"]),
        ("ages-do-not-add-up", ["11680000533"]),
        ("classes-do-not-add-up", ["11680000533", "11230000514", "11680000218"]),
        ("enrolled-differs", ["11680000218"]),
        ("closed-without-date", ["11530000199"]),
        ("email-in-homepage", ["11230000489", "11650000134"]),
        ("status-missing", ["11440000340", "11530000510"]),
        ("kind-damaged", ["11440000471", "11470000055"]),
        ("date-order", ["11440000310"]),
        ("staff-do-not-add-up", ["11230000526"]),
        ("fax-impossible", ["11350000416"]),
        ("homepage-invalid", ["11230000516"]),
        ("name-repeated-closed", ["11230000528"]),
    ],
)
def test_defects_are_found_where_they_are(parsed, at, code, numbers):
    assert at(parsed, code) == numbers


def test_impossible_telephones_are_left_out(parsed):
    assert row(parsed, "11440000487").phone is None
    assert {defect.value for defect in parsed.defects if defect.code == "telephone-impossible"} == {
        "02-0000-0000",
        "-576-8076",
    }


def test_a_defect_says_what_it_found(parsed):
    found = next(defect for defect in parsed.defects if defect.code == "ages-do-not-add-up")
    assert (found.line, found.severity, found.value) == (4, "warning", "13 ≠ 17")
    assert found.message == "The children by age do not add up to their total: 13 ≠ 17."


def test_a_total_of_staff_above_the_listed_kinds_is_no_defect(altered, read, at):
    path = altered("seoul_standard.csv", [{}, {"교직원현황-보육교사": "1"}], keep=2)
    assert at(read(path, "seoul-standard"), "staff-do-not-add-up") == []
    path = altered("seoul_standard.csv", [{}, {"교직원현황-보육교사": "9"}], keep=2)
    assert at(read(path, "seoul-standard"), "staff-do-not-add-up") == ["11470000644"]


def test_the_damaged_kind_is_the_only_one_it_can_be(parsed):
    found = row(parsed, "11440000471")
    assert (found.kind, found.kind_raw) == ("CORP_GROUP", "법인?단체등")


def test_the_placeholder_and_zero_places_are_not_kept(parsed):
    found = row(parsed, "11440000487")
    assert (found.lat, found.lon, found.capacity) == (None, None, None)


def test_services_with_and_without_marks_are_the_same_codes(parsed, read):
    services = {found.services for found in parsed.rows}
    assert ("disabled_integrated", "night", "part_time", "twentyfour_hour") in services
    assert ("night", "infant") in services
    old = read("seoul_standard_2022.csv.gz", "seoul-standard")
    assert {found.services for found in old.rows} == {
        ("night", "infant"),
        ("disabled_integrated", "night", "part_time", "twentyfour_hour"),
    }
    assert old.source.packed
    assert "service-unknown" not in old.warnings


def test_points_are_held_against_their_own_district(read, at):
    polygons = {f"KR-11-{code}": BOX for code in ("440", "470", "230", "680")} | {"KR-11-110": FAR}
    parsed = read("seoul_standard.csv", "seoul-standard", polygons=polygons)
    assert at(parsed, "coordinates-outside-district") == ["11140000026"]
    assert row(parsed, "11140000026").lat is not None


def test_a_point_just_over_the_border_passes(read, at):
    # 11140000026 lies at 37.56505624, 126.9830142: 30 m and 500 m south of a border
    for border, found in ((37.5653, []), (37.5700, ["11140000026"])):
        ring = [[126.9, border], [127.1, border], [127.1, 37.7], [126.9, 37.7], [126.9, border]]
        polygons = {"KR-11-110": {"type": "Polygon", "coordinates": [ring]}}
        parsed = read("seoul_standard.csv", "seoul-standard", polygons=polygons)
        assert at(parsed, "coordinates-outside-district") == found


def test_only_the_region_imported_for_is_taken(read):
    parsed = read("seoul_standard.csv", "seoul-standard", region="KR-11-440")
    assert {found.region_code for found in parsed.rows} == {"KR-11-440"}
    assert parsed.totals["outside-region"] == 27 - len(parsed.rows)
    assert not parsed.rejected
    assert read("seoul_standard.csv", "seoul-standard", region="KR-28").outside_region == 27


def test_an_unknown_district_of_the_region_is_rejected(altered, read):
    path = altered("seoul_standard.csv", [{"시군구명": "없는구"}], keep=2)
    parsed = read(path, "seoul-standard", region="KR-11")
    assert [(one.code, one.line, one.value) for one in parsed.rejected] == [("region-unknown", 2, "없는구")]
    assert str(parsed.rejected[0].message) == "No open region is called “없는구”."


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"어린이집코드": ""}, "register-number-missing"),
        ({"어린이집코드": "1.1440000487E+10"}, "register-number-invalid"),
        ({"어린이집코드": "11470000644"}, "register-number-duplicate"),
        ({"어린이집명": " - "}, "name-missing"),
        ({"상세주소": "=HYPERLINK(1)"}, "formula-in-cell"),
    ],
)
def test_rows_that_cannot_be_identified_are_rejected(altered, read, change, code):
    parsed = read(altered("seoul_standard.csv", [{}, {}, change], keep=3), "seoul-standard")
    assert [(one.code, one.line, one.severity) for one in parsed.rejected] == [(code, 4, "error")]
    assert len(parsed.rows) == 2
    assert parsed.errors == {code: 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"상세주소": " "}, "address-missing"),
        ({"정원": ""}, "capacity-missing"),
        ({"현원": "21", "아동수-총계": "21"}, "more-children-than-places"),
        ({"정원": "20명"}, "number-invalid"),
        ({"인가일자": "2026-02-30"}, "date-invalid"),
        ({"시설 위도(좌표값)": "126.85", "시설 경도(좌표값)": "37.51"}, "coordinates-outside-country"),
        ({"시설 위도(좌표값)": "nan"}, "number-invalid"),
        ({"어린이집유형": "놀이방"}, "kind-unknown"),
        ({"운영현황": "준비"}, "status-unknown"),
        ({"제공서비스": "일반,새벽돌봄"}, "service-unknown"),
        ({"우편번호": "08107-1"}, "postcode-invalid"),
        ({"전화번호": "02-2061-228"}, "telephone-impossible"),
        ({"어린이집명": "소담 someone@naver.com"}, "email-in-text"),
        ({"휴지시작일자": "2026-07-10", "휴지종료일자": "2026-07-01"}, "date-order"),
    ],
)
def test_a_made_defect_is_found(altered, read, at, change, code):
    parsed = read(altered("seoul_standard.csv", [{}, change], keep=2), "seoul-standard")
    assert "11470000644" in at(parsed, code)


def test_an_unknown_kind_is_listed_under_other(altered, read):
    parsed = read(altered("seoul_standard.csv", [{}, {"어린이집유형": "놀이방"}], keep=2), "seoul-standard")
    assert (parsed.rows[1].kind, parsed.rows[1].kind_raw) == ("OTHER", "놀이방")


def test_two_open_facilities_of_one_name_in_one_district(altered, read, at):
    same = {"어린이집명": "소담 어린이집", "시군구명": "양천구", "운영현황": "정상", "폐지일자": ""}
    parsed = read(altered("seoul_standard.csv", [same, {}], keep=2), "seoul-standard")
    assert at(parsed, "name-repeated") == ["11440000487", "11470000644"]


def test_no_person_and_no_email_is_kept(altered, read):
    secret = {
        "홈페이지주소": "hong.gildong@naver.com",
        "전화번호": "x kim.secret@daum.net",
        "어린이집유형": "lee@nate.com",
    }
    path = altered(
        "seoul_standard.csv",
        [secret, {"상세주소": "서울 양천구 a.person@gmail.com 101호"}],
        keep=2,
        more_columns=(("대표자명", ("홍길동", "김비밀")),),
    )
    shown = repr(read(path, "seoul-standard"))
    for word in ("홍길동", "김비밀", "hong.gildong", "kim.secret", "lee@", "a.person"):
        assert word not in shown
