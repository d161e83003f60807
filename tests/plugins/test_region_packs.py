"""What every region pack must get right: codes, names, points, rules, checklist, demo data, translations."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from core.host import manifest
from core.regions import policies

KINDS = {
    "NATIONAL_PUBLIC", "WELFARE_CORP", "CORP_GROUP", "WORKPLACE", "HOME", "COOP", "PRIVATE", "KIUM_GENERAL",
    "KIUM_CONVERGENCE", "KIUM_HUB", "LOCAL_CHILDREN_CENTER", "YOUTH_ACADEMY", "SCHOOL_CARE_CLASS",
    "SHARED_CARE_ROOM", "SHARED_CARE_EXCHANGE", "KIDS_CAFE", "SUPPORT_CENTER", "NURSERY", "CHILDRENS_CLUB",
    "DAY_CARER", "PRESCHOOL", "PRESCHOOL_POINT", "PRESCHOOL_GROUP", "SCHOOL_PRESCHOOL_UNIT",
}  # fmt: skip
LEVELS = ("country", "province", "district")
SAME_IN_EVERY_LANGUAGE = {"Krapkowice"}
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
MOBILE = re.compile(r"(?<![\d.])01[016789][- ]?\d{3,4}[- ]?\d{4}(?!\d)")


def test_the_host_reads_the_manifest(pack: Any) -> None:
    read = manifest.read(pack.path, f"plugins.{pack.name}")
    assert read.region is not None
    assert read.region.code in pack.regions
    assert read.region.parents == tuple(_ancestors(pack, read.region.code))
    assert re.fullmatch("[A-Z]{3}", read.region.currency) and read.region.sources and read.region.in_force


def _ancestors(pack: Any, code: str) -> list[str]:
    chain: list[str] = []
    while code := pack.regions[code]["parent"]:
        chain.insert(0, code)
    return chain


def test_codes_are_unique_and_grow_from_their_parent(pack: Any) -> None:
    with (pack.path / "regions.csv").open(encoding="utf-8", newline="") as file:
        listed = [row["code"] for row in csv.DictReader(file)]
    assert len(listed) == len(set(listed))
    seen: set[str] = set()
    for code, region in pack.regions.items():
        level = LEVELS.index(region["level"])
        assert (region["parent"] == "") == (level == 0), code
        if region["parent"]:
            assert region["parent"] in seen, f"{code} stands before its parent"
            assert code.startswith(region["parent"] + "-"), code
            assert LEVELS.index(pack.regions[region["parent"]]["level"]) == level - 1, code
            assert region["legal_code"].startswith(pack.regions[region["parent"]]["legal_code"]), code
        seen.add(code)


def test_every_place_has_its_names_and_no_alias_is_used_twice(pack: Any) -> None:
    words: dict[str, str] = {}
    for code, region in pack.regions.items():
        assert all(region[f"name_{language}"].strip() for language in ("en", "ko", "pl")), code
        assert re.search("[가-힣]", region["name_ko"]) and region["name_en"].isascii(), code
        for word in filter(None, {*region["aliases"].split("|"), region["legal_code"]}):
            assert words.setdefault(word, code) == code, f"{word} means both {words[word]} and {code}"


def test_the_point_of_a_district_lies_in_its_polygon(pack: Any) -> None:
    assert pack.polygons and set(pack.polygons) <= set(pack.regions)
    for code in pack.polygons:
        region = pack.regions[code]
        assert pack.contains(code, float(region["lat"]), float(region["lon"])), code
    assert (pack.path / "data/districts.geojson").stat().st_size < 100_000


def test_the_host_takes_the_rules_and_no_two_hold_on_one_day(pack: Any) -> None:
    known = dict(policies.SHIPPED)
    try:
        loaded = policies.load(pack.name, pack.path / "policies")
    finally:
        policies.SHIPPED.clear()
        policies.SHIPPED.update(known)
    assert len(loaded) == len(pack.policies) > 0
    assert len({policy.id for policy in loaded}) == len(loaded)


def test_rules_are_well_formed_and_honest(pack: Any) -> None:
    for entry in pack.policies:
        name = f"{entry['key']} from {entry['valid_from']}"
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.[a-z_]+", entry["key"]), name
        assert (
            isinstance(entry["valid_from"], date) and entry.get("valid_to", date.max) >= entry["valid_from"]
        ), name
        assert entry["legal_basis"].strip() and entry["status"] in policies.STATUSES, name
        assert entry["status"] != "unverified" or entry.get("note"), f"{name}: say why it is unverified"
        assert set(entry.get("kind", ())) <= set(pack.kinds), name
        _assert_exact(entry["value"], name)


def _assert_exact(value: Any, name: str) -> None:
    assert isinstance(value, dict | list | str | int), f"{name}: {value!r} is no exact, storable value"
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _assert_exact(inner, name)


def test_kinds_are_known_named_and_ruled(pack: Any) -> None:
    for code, kind in pack.kinds.items():
        assert code in KINDS and set(kind["names"]) == {"en", "ko", "pl"}, code
        assert set(kind) <= {"code", "names", "group", "ages", "care", *RULED_BY}, code
        for key in (kind[rule] for rule in RULED_BY if rule in kind):
            ruling = [p for p in pack.policies if p["key"] == key and code in p.get("kind", [code])]
            for day in (date(2024, 1, 1), date(2026, 7, 21)):
                held = [p for p in ruling if p["valid_from"] <= day <= p.get("valid_to", date.max)]
                assert len(held) == 1, (code, key, day)


RULED_BY = ("capacity", "hours", "staff", "terms", "ministry")


def test_the_checklist_asks_only_documented_questions(pack: Any, root: Path) -> None:
    described = set(
        re.findall(r"`([a-z_.]+(?::[A-Z_a-z]+)?(?:>0)?)`", (root / "docs/region-pack.md").read_text("utf-8"))
    )
    general = {re.sub(":[A-Z]+", "", word): word for word in described}
    ids = [(step["when"], step["id"]) for step in pack.steps]
    assert len(ids) == len(set(ids)) and {when for when, _ in ids} == {"new_region", "new_school_year"}
    for step in pack.steps:
        assert set(step) == {"id", "when", "title", "check", "link", "basis"} and step["basis"], step["id"]
        assert step["link"].startswith("/office/") and step["title"].isascii(), step["id"]
        assert re.sub(":[A-Za-z_]+", "", step["check"]) in general, (
            f"{step['check']} is not in docs/region-pack.md"
        )


def test_invented_facilities_import_without_a_defect(pack: Any) -> None:
    parsed = pack.imported("generic-csv")
    assert parsed.totals["kept"] == parsed.totals["read"] == len(pack.demo_rows("generic-csv")) >= 16
    assert not parsed.defects and not parsed.rejected
    for row in parsed.rows:
        assert row.kind in pack.kinds and row.services and row.capacity, row.register_no
        assert pack.regions[row.region_code]["level"] == "district", row.register_no
        assert str(row.register_no).startswith("DEMO-") and row.operator and not row.phone, row.register_no
        outline = row.region_code if row.region_code in pack.polygons else pack.manifest["region"]["code"]
        assert pack.contains(outline, row.lat, row.lon), row.register_no


def test_real_registers_import_without_a_rejected_row(pack: Any) -> None:
    for entry in pack.demo["import"]:
        parsed = pack.imported(entry["layout"])
        assert parsed.totals["kept"] == parsed.totals["read"] > 0, parsed.errors
        assert {row.kind for row in parsed.rows} <= set(pack.kinds)


def test_demo_accounts_have_fitting_posts(pack: Any, packs: dict[str, Any], root: Path) -> None:
    with (root / "modules/facilities/roles.csv").open(encoding="utf-8", newline="") as file:
        levels = {row["role"]: row["level"] for row in csv.DictReader(file)}
    facilities = {f"custom:{row['register_no']}" for row in pack.demo_rows("generic-csv")}
    assert {account["role"] for account in pack.accounts} == set(levels)
    for account in pack.accounts:
        place, level = account["place"], levels[account["role"]]
        actual = "facility" if place in facilities else pack.regions[place]["level"]
        assert level in ("any", actual) or (level == "self" and actual == "district"), account["login"]
        assert set(account) == {"login", "role", "place", "language", "name"} and account["language"] in (
            "en",
            "ko",
            "pl",
        )
        assert re.search("demo|데모", account["name"], re.IGNORECASE), (
            f"{account['login']} looks like a real person"
        )
    logins = [account["login"] for other in packs.values() for account in other.accounts]
    assert len(logins) == len(set(logins))


def test_demo_opens_known_regions(pack: Any) -> None:
    assert set(pack.demo) == {"open", "region", "modules", "import"}
    assert set(pack.demo["modules"]) >= {"facilities", "gateway_sandbox"}, "a demo shows its register and sends its messages"
    assert set(pack.demo["open"]) <= set(pack.regions)
    opened = {
        code
        for code in pack.regions
        if any(code == top or code.startswith(top + "-") for top in pack.demo["open"])
    }
    assert pack.demo["region"] in pack.regions
    assert {row["region"] for row in pack.demo_rows("generic-csv")} <= opened
    assert all((pack.path / "data" / entry["file"]).is_file() for entry in pack.demo["import"])


def test_shipped_rows_hold_nobodys_mail_mobile_or_name(pack: Any) -> None:
    for entry in pack.demo["import"]:
        rows = pack.demo_rows(entry["layout"])
        assert not [
            column for column in rows[0] if re.search("대표|성명|이름|representative|mail|dyrektor", column)
        ]
        found = [
            value for row in rows for value in row.values() if MAIL.search(value) or MOBILE.search(value)
        ]
        assert not found, found[:5]


@pytest.mark.parametrize("language", ["ko", "pl"])
def test_titles_are_translated(pack: Any, language: str) -> None:
    with (pack.path / f"translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    wanted = {pack.manifest["title"], pack.manifest["summary"], *(step["title"] for step in pack.steps)}
    assert {str(message.id) for message in catalog if message.id} == wanted
    for message in catalog:
        if message.id:
            assert message.string and not message.fuzzy, message.id
            assert message.string != message.id or message.id in SAME_IN_EVERY_LANGUAGE, message.id


def test_origin_names_every_data_file(pack: Any) -> None:
    origin = (pack.path / "data/ORIGIN.md").read_text(encoding="utf-8")
    for path in (pack.path / "data").iterdir():
        assert path.name in ("ORIGIN.md", "demo.toml") or f"**{path.name}**" in origin, path
