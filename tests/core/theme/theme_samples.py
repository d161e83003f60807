"""Sample facts for the theme's harness: long Korean, Polish and English words, hostile text, full and empty states."""

from __future__ import annotations

from typing import Any

HOSTILE = '<script>alert("x")</script><b style="color:red" onclick=1>'

NAMES = {
    "ko": [
        "구립 햇살가득 어린이집",
        "우리동네키움센터 광진 3호점",
        "인천 송도 국제 다함께돌봄센터",
        "새싹 가정어린이집",
    ],
    "pl": [
        "Gminny Żłobek „Słoneczko” w Krapkowicach",
        "Klub Dziecięcy Żółta Łódź",
        "Przedszkole nr 5 z Oddziałami Integracyjnymi",
        "Dzienna Opiekunka Świetlik",
    ],
    "en": [
        "Sunny Meadow Public Daycare Center",
        "After-school Center Gwangjin No. 3",
        "Songdo International Care Center",
        "Sprout Home Daycare",
    ],
}
PLACES = {
    "ko": [
        ("KR", "대한민국"),
        ("KR-11", "서울특별시"),
        ("KR-11-050", "광진구"),
        ("1105000012", "구립 햇살가득 어린이집"),
    ],
    "pl": [
        ("PL", "Polska"),
        ("PL-16", "województwo opolskie"),
        ("PL-16-05", "powiat krapkowicki"),
        ("1605001", "Gminny Żłobek „Słoneczko”"),
    ],
    "en": [
        ("KR", "Korea"),
        ("KR-11", "Seoul"),
        ("KR-11-050", "Gwangjin District"),
        ("1105000012", "Sunny Meadow Public Daycare Center"),
    ],
}
PERSON = {"ko": "김민서", "pl": "Żaneta Świętochłowska-Brzęczyszczykiewicz", "en": "Margaret Example"}
ROLE = {"ko": "원장", "pl": "dyrektorka żłobka", "en": "Director"}
OFFICER = {"ko": "보육 담당 공무원", "pl": "inspektorka ds. opieki nad dziećmi", "en": "Childcare officer"}
PRODUCT = {"ko": "돌봄", "pl": "Dolbom", "en": "Dolbom"}
MENU = {
    "ko": [
        ("시설", ["시설 대장", "정원", "운영 시간", "휴원·재개원 신고"]),
        ("아동", ["입소 대기", "출석", "이용료 청구"]),
        ("설정", ["계정과 역할", "모듈"]),
    ],
    "pl": [
        (
            "Placówki",
            [
                "Rejestr placówek",
                "Liczba miejsc",
                "Godziny otwarcia",
                "Zawieszenie i wznowienie działalności",
            ],
        ),
        ("Dzieci", ["Lista oczekujących", "Obecność", "Opłaty"]),
        ("Ustawienia", ["Konta i role", "Moduły"]),
    ],
    "en": [
        ("Facilities", ["Register of facilities", "Places", "Opening hours", "Pauses and reopenings"]),
        ("Children", ["Waiting list", "Attendance", "Fee statements"]),
        ("Settings", ["Accounts and roles", "Modules"]),
    ],
}
ICONS = [
    "building-community",
    "users",
    "clock",
    "calendar-event",
    "list-details",
    "circle-check",
    "receipt",
    "id-badge",
    "puzzle",
]
WORD = {
    "ko": {
        "name": "이름",
        "kind": "유형",
        "places": "정원",
        "taken": "현원",
        "state": "상태",
        "open": "운영 중",
        "paused": "휴원",
        "closed": "폐원",
        "note": "국공립 · 도보 7분",
        "seoul": "서울특별시",
        "district": "광진구",
    },
    "pl": {
        "name": "Nazwa",
        "kind": "Rodzaj",
        "places": "Miejsca",
        "taken": "Zajęte",
        "state": "Stan",
        "open": "czynna",
        "paused": "zawieszona",
        "closed": "zamknięta",
        "note": "publiczna · 7 minut pieszo",
        "seoul": "województwo opolskie",
        "district": "powiat krapkowicki",
    },
    "en": {
        "name": "Name",
        "kind": "Kind",
        "places": "Places",
        "taken": "Taken",
        "state": "State",
        "open": "open",
        "paused": "paused",
        "closed": "closed",
        "note": "Public · 7 minutes on foot",
        "seoul": "Seoul",
        "district": "Gwangjin District",
    },
}


def nav(language: str, active: int = 0) -> list[dict[str, Any]]:
    """The menu as core.web.shell gives it."""
    icons = iter(ICONS)
    sections = []
    count = 0
    for section, labels in MENU[language]:
        items = []
        for label in labels:
            items.append(
                {
                    "label": label,
                    "url": f"/office/item{count}",
                    "active": count == active,
                    "icon": next(icons, "point"),
                }
            )
            count += 1
        sections.append({"section": section, "items": items})
    return sections


def shell(language: str, nonce: str, token: str, signed_in: bool) -> dict[str, Any]:
    """The shell's facts in one language."""
    posts = [
        {
            "id": 1,
            "role": "director",
            "role_title": ROLE[language],
            "place_name": PLACES[language][-1][1],
            "place_path": PLACES[language],
            "current": True,
        },
        {
            "id": 2,
            "role": "officer",
            "role_title": OFFICER[language],
            "place_name": PLACES[language][1][1],
            "place_path": PLACES[language][:2],
            "current": False,
        },
    ]
    return {
        "product": PRODUCT[language],
        "user": {"name": PERSON[language], "post": posts[0], "posts": posts} if signed_in else None,
        "nav": nav(language),
        "languages": [("ko", "한국어"), ("en", "English"), ("pl", "polski")],
        "language": language,
        "csp_nonce": nonce,
        "csrf_token": token,
        "region_name": PLACES[language][1][1],
        "clock": {"ko": "2026. 11. 21. 14:03", "pl": "21.11.2026, 14:03", "en": "21 Nov 2026, 14:03"}[
            language
        ],
    }


def facilities(language: str) -> list[dict[str, Any]]:
    """A few facilities with a state each, and one hostile name."""
    word = WORD[language]
    states = [
        ("ok", word["open"]),
        ("waiting", word["paused"]),
        ("ok", word["open"]),
        ("stop", word["closed"]),
    ]
    rows = [
        {
            "code": f"F{i}",
            "name": name,
            "url": f"/facilities/F{i}",
            "note": word["note"],
            "status": state,
            "places": 20 + 7 * i,
            "taken": 18 + 6 * i,
        }
        for i, (name, state) in enumerate(zip(NAMES[language], states, strict=True))
    ]
    rows.append({**rows[0], "code": "F9", "name": HOSTILE, "url": "/facilities/F9"})
    return rows


def matrix(language: str) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """Regions by modules with every state of a cell."""
    labels = [label for _, group in MENU[language] for label in group][:5]
    columns = [(f"m{i}", label) for i, label in enumerate(labels)]
    states = ["on", "on", "off", "planned", "blocked"]
    word = WORD[language]
    rows = []
    for r, (_code, name) in enumerate(PLACES[language]):
        cells = []
        for c in range(5):
            state = states[(r + c) % 5]
            effect = (
                f"{labels[c]}: {name}, {12 + r * 7} → 0"
                if state == "on"
                else f"{labels[c]}: {name}, 0 → {12 + r}"
            )
            cells.append(
                {
                    "state": state,
                    "since": "2024-01-01" if state == "on" else None,
                    "origin": word["seoul"] if r and c == 1 else None,
                    "url": f"/change/{r}/{c}",
                    "effect": effect,
                }
            )
        rows.append({"label": name, "url": f"/regions/{r}", "cells": cells})
    return columns, rows


def geojson() -> tuple[dict[str, Any], dict[str, Any]]:
    """Three square districts and points in and between clusters."""
    squares, points = [], []
    for i in range(3):
        x = 127.0 + i * 0.1
        ring = [[x, 37.5], [x + 0.1, 37.5], [x + 0.1, 37.6], [x, 37.6], [x, 37.5]]
        squares.append(
            {
                "type": "Feature",
                "properties": {
                    "code": f"D{i}",
                    "name": f"District {i} {HOSTILE}",
                    "url": f"/facilities?region=D{i}",
                },
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    for i, code in enumerate(["F0", "F1", "F2", "F3", "F9"]):
        at = [127.05 + i * 0.05, 37.55 - 0.005 * i]
        points.append(
            {
                "type": "Feature",
                "properties": {
                    "code": code,
                    "name": NAMES["ko"][i % 4] if i < 4 else HOSTILE,
                    "note": "국공립",
                    "letter": "국",
                    "quiet": i == 3,
                    "url": f"/facilities/{code}",
                },
                "geometry": {"type": "Point", "coordinates": at},
            }
        )
    for i in range(12):
        at = [127.22 + 0.0005 * i, 37.57]
        points.append(
            {
                "type": "Feature",
                "properties": {
                    "code": f"C{i}",
                    "name": f"Close {i}",
                    "note": "",
                    "letter": "가",
                    "url": f"/facilities/C{i}",
                },
                "geometry": {"type": "Point", "coordinates": at},
            }
        )
    return {"type": "FeatureCollection", "features": squares}, {
        "type": "FeatureCollection",
        "features": points,
    }
