"""The basic list (어린이집기본정보조회) of the Korean national portal, alike for all provinces, no codes."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from modules.facilities.layouts.kinds import KR_KINDS, KR_STATUSES
from modules.facilities.layouts.layout import Layout, Place
from modules.facilities.layouts.regions import district_key, korean_candidates, province_code, province_key
from modules.facilities.layouts.values import Unreadable, day, name_key

if TYPE_CHECKING:
    from modules.facilities.layouts.record import Record

#: A road and the number on it; a building and door ("102동 101호") where there are several at one number.
_ROAD: Final = re.compile(r"([^\s(),]+(?:로|길))\s*(\d+(?:-\d+)?)(?![\d-]*\s*번?길)")
_SPLIT_ROAD: Final = re.compile(r"(?<=[로길])\s+(?=\d+번?길)")
_DOOR: Final = re.compile(r"(\d+)\s*동\s*(\d+)\s*호")
_BRACKETS: Final = re.compile(r"\([^)]*\)?")


def place_key(address: str) -> str:
    """What of an address stays when it is typed again: road, number, door; else its letters and digits."""
    address = _SPLIT_ROAD.sub("", address)
    road = _ROAD.search(address)
    if road is None:
        return name_key(_BRACKETS.sub("", address))
    door = _DOOR.search(address, road.end())
    return "-".join((road[1], road[2], *(door.groups() if door else ())))


def register_no(record: Record) -> str:
    """The number we give a facility of a list without numbers: 16 hexadecimal digits of a SHA-256.

    Over province and district by their latest name (provinces merge), the name without spacing, the day of
    the license and the place. The day is in it because a facility licensed anew under another operator keeps
    name and house, and the list holds both: the closed one and its successor.
    """
    name = name_key(record["name"])
    if not name:
        return ""
    try:
        licensed = day(record["licensed_on"]).isoformat()
    except Unreadable:
        licensed = ""
    province, district = record["province"], record["region"]
    own = (
        province_key(province),
        district_key(province, district),
        name,
        licensed,
        place_key(record["address"]),
    )
    return hashlib.sha256("|".join(own).encode()).hexdigest()[:16]


def _place(province: str, district: str) -> Place:
    return Place(
        f"{province} {district}".strip(), korean_candidates(province, district), province_code(province)
    )


LAYOUT: Final = Layout(
    name="kr-basic",
    register="kr-basic",
    country="KR",
    columns={
        "province": ("시도", "시도명"),
        "region": ("시군구", "시군구명"),
        "name": ("어린이집명",),
        "kind": ("어린이집유형구분", "어린이집유형"),
        "status": ("운영현황",),
        "postcode": ("우편번호",),
        "address": ("주소", "상세주소"),
        "phone": ("어린이집전화번호", "전화", "전화번호"),
        "fax": ("어린이집팩스번호", "팩스", "팩스번호"),
        "homepage": ("홈페이지주소",),
        "rooms": ("보육실수",),
        "room_area_m2": ("보육실면적",),
        "playgrounds": ("놀이터수",),
        "cctv": ("CCTV설치수", "CCTV총설치수"),
        "staff_count": ("보육교직원수",),
        "capacity": ("정원수", "정원"),
        "enrolled": ("현원수", "현원"),
        "lat": ("위도",),
        "lon": ("경도",),
        "bus": ("통학차량운영여부",),
        "licensed_on": ("인가일자",),
        "paused_from": ("휴지시작일자",),
        "paused_to": ("휴지종료일자",),
        "closed_on": ("폐지일자",),
    },
    required=("province", "region", "name", "kind", "status", "address", "capacity", "licensed_on"),
    kinds=KR_KINDS,
    statuses=KR_STATUSES,
    place_fields=("province", "region"),
    place=_place,
    register_no=register_no,
)
