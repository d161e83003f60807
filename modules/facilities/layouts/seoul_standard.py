"""Seoul's standard register of daycare (data.seoul.go.kr OA-20300): 62 columns, also of closed facilities."""

from __future__ import annotations

from typing import Final

from modules.facilities.layouts.columns import AGES, STAFF
from modules.facilities.layouts.kinds import KR_KINDS, KR_SERVICES, KR_STATUSES
from modules.facilities.layouts.layout import Layout, Place
from modules.facilities.layouts.regions import korean_candidates

_CITY: Final = "서울특별시"
_AGE_NAMES: Final = (
    *("만0세", "만1세", "만2세", "만3세", "만4세", "만5세"),
    *("영아혼합(만0~2세)", "유아혼합(만3~5세)", "특수장애"),
)
#: The total counts staff of further kinds that have no column.
_STAFF_NAMES: Final = (
    *("원장", "보육교사", "특수교사", "치료교사", "영양사"),
    *("간호사", "간호조무사", "조리원", "사무직원"),
)


def _place(district: str) -> Place:
    # The file is the city's own: it names districts only.
    return Place(district, (*korean_candidates(_CITY, district), district), "KR-11")


LAYOUT: Final = Layout(
    name="seoul-standard",
    register="kr-stcode",
    country="KR",
    columns={
        "region": ("시군구명",),
        "register_no": ("어린이집코드",),
        "name": ("어린이집명",),
        "kind": ("어린이집유형", "어린이집유형구분"),
        "status": ("운영현황",),
        "postcode": ("우편번호",),
        "address": ("상세주소", "주소"),
        "phone": ("전화번호", "어린이집전화번호"),
        "fax": ("팩스번호", "어린이집팩스번호"),
        "homepage": ("홈페이지주소",),
        "rooms": ("보육실수",),
        "room_area_m2": ("보육실 면적",),
        "playgrounds": ("놀이터수",),
        "cctv": ("CCTV총설치수", "CCTV설치수"),
        "staff_count": ("보육교직원수",),
        "capacity": ("정원", "정원수"),
        "enrolled": ("현원", "현원수"),
        "lat": ("시설 위도(좌표값)", "위도"),
        "lon": ("시설 경도(좌표값)", "경도"),
        "bus": ("통학차량운영여부",),
        "licensed_on": ("인가일자",),
        "paused_from": ("휴지시작일자",),
        "paused_to": ("휴지종료일자",),
        "closed_on": ("폐지일자",),
        "source_on": ("데이터기준일자",),
        "services": ("제공서비스",),
        "classes_total": ("반수-총계",),
        "children_total": ("아동수-총계",),
        "staff_total": ("교직원현황-총계",),
        **{f"classes_{age}": (f"반수-{name}",) for age, name in zip(AGES, _AGE_NAMES, strict=True)},
        **{f"children_{age}": (f"아동수-{name}",) for age, name in zip(AGES, _AGE_NAMES, strict=True)},
        **{f"staff_{kind}": (f"교직원현황-{name}",) for kind, name in zip(STAFF, _STAFF_NAMES, strict=True)},
    },
    required=("region", "register_no", "name", "kind", "status", "address", "capacity", "lat", "lon"),
    kinds=KR_KINDS,
    statuses=KR_STATUSES,
    services=KR_SERVICES,
    number_form=r"\d{11}",
    place=_place,
)
