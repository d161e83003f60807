"""Any table by a mapping: what it says is checked, and then the table reads like a register."""

from __future__ import annotations

import pytest

from modules.facilities.layouts import LAYOUT_NAMES, LAYOUTS, find_layout, parse
from modules.facilities.layouts.codes import CATALOGUE
from modules.facilities.layouts.kinds import KR_KINDS, PL_NURSERIES, PL_PRESCHOOLS
from modules.facilities.layouts.mapping import KINDS
from modules.facilities.layouts.refusals import HeaderNotFound, LayoutUnknown, MappingInvalid

MAPPING = {
    "country": "KR",
    "columns": {
        "register_no": "No",
        "name": ["Center", "센터"],
        "region": "구",
        "kind": "형",
        "capacity": "정원",
        "phone": "전화",
    },
    "kinds": {"일반형": "KIUM_GENERAL", "거점형": "KIUM_HUB"},
    "constants": {"status": "open"},
}
TABLE = """No,센터,구,형,정원,전화
K-1,마포1호,마포구,일반형,20,02-0123-4567
K-2,종로2호,KR-11-110,KIUM_HUB,303,
K-3,셋,마포구,몰라,1,
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "kium.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_table_reads_by_its_mapping(table, read):
    parsed = read(table, "generic-csv", mapping=MAPPING, region="KR-11")
    assert [
        (row.register, row.register_no, row.region_code, row.kind, row.status) for row in parsed.rows
    ] == [
        ("custom", "K-1", "KR-11-440", "KIUM_GENERAL", "open"),
        ("custom", "K-2", "KR-11-110", "KIUM_HUB", "open"),
        ("custom", "K-3", "KR-11-440", "OTHER", "open"),
    ]
    assert parsed.warnings == {"telephone-impossible": 1, "kind-unknown": 1}


def test_a_mapping_comes_from_a_file(table, read, tmp_path):
    mapping = tmp_path / "kium.toml"
    mapping.write_text(
        'country = "KR"\n'
        '[columns]\nregister_no = "No"\nname = "센터"\nregion = "구"\n'
        '[constants]\nkind = "KIUM_HUB"\n',
        encoding="utf-8",
    )
    parsed = read(table, "generic-csv", mapping=mapping)
    assert [(row.kind, row.status) for row in parsed.rows] == [("KIUM_HUB", "open")] * 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colums": {}}, "unknown key colums; did you mean columns?"),
        ({"columns": {**MAPPING["columns"], "capasity": "x"}}, "columns.capasity; did you mean capacity?"),
        ({"columns": {**MAPPING["columns"], "name": []}}, "columns.name must be a heading"),
        ({"columns": ["No"]}, "“columns” must be a table"),
        ({"kinds": {"일반형": "KIUM_GENERIC"}}, "did you mean KIUM_GENERAL?"),
        ({"kinds": {"일반형": 3}}, "which we do not know"),
        ({"country": "DE"}, "country is “DE”"),
        ({"encoding": "utf-16"}, "encoding is “utf-16”"),
        ({"constants": {"status": "opn"}}, "did you mean open?"),
        ({"constants": {"city": "x"}}, "constants.city"),
        ({"columns": {"name": "센터", "region": "구", "kind": "형"}}, "where to find register_no"),
    ],
)
def test_a_wrong_mapping_is_named(change, says):
    with pytest.raises(MappingInvalid) as refusal:
        find_layout("generic-csv", MAPPING | change)
    assert says in str(refusal.value)


def test_a_mapping_that_cannot_be_read(tmp_path):
    with pytest.raises(MappingInvalid, match="cannot be read"):
        find_layout("generic-csv", tmp_path / "missing.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("columns = [", encoding="utf-8")
    with pytest.raises(MappingInvalid, match="cannot be read"):
        find_layout("generic-csv", broken)


def test_the_generic_layout_needs_a_mapping_and_the_others_take_none():
    with pytest.raises(MappingInvalid, match="--mapping FILE"):
        find_layout("generic-csv")
    with pytest.raises(MappingInvalid, match="Only the layout"):
        find_layout("pl-rspo", MAPPING)


def test_an_unknown_layout_names_those_there_are():
    with pytest.raises(LayoutUnknown, match="seoul-standard, kr-basic, pl-rspo, pl-zlobki, generic-csv"):
        find_layout("seoul")
    assert set(LAYOUT_NAMES) == {*LAYOUTS, "generic-csv"}


def test_a_file_of_another_layout_is_told_so(data, region_of):
    with pytest.raises(HeaderNotFound) as refusal:
        parse(data / "pl_rspo.csv", "pl-zlobki", region_of=region_of)
    assert "has the columns of the layout pl-rspo" in str(refusal.value)
    assert "Identyfikator instytucji" in str(refusal.value)


def test_every_literal_maps_to_a_known_code():
    assert {*KR_KINDS.values(), *PL_NURSERIES.values(), *PL_PRESCHOOLS.values()} <= set(KINDS)


def test_every_defect_says_something():
    for code, entry in CATALOGUE.items():
        assert code == code.lower().replace("_", "-")
        assert str(entry.message) % {"value": "7", "field": "name"}
        assert entry.severity in ("error", "warning")
