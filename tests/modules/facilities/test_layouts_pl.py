"""The two Polish registers: preschools out of a register of schools, communes by code and by name."""

from __future__ import annotations

import pytest

from modules.facilities.layouts.teryt import place_by_names, region_code, voivodeship_code


def any_commune(name):
    return name if name.startswith("PL-") else None


@pytest.fixture
def rspo(read):
    return read("pl_rspo.csv", "pl-rspo", region_of=any_commune, region="PL-06")


@pytest.fixture
def nurseries(read):
    return read("pl_zlobki.csv", "pl-zlobki", region_of=any_commune)


def one(parsed, number):
    return next(row for row in parsed.rows if row.register_no == number)


def test_schools_are_counted_and_passed_over(rspo):
    assert rspo.not_childcare == {"Szkoła podstawowa": 1, "Technikum": 1}
    assert {row.kind for row in rspo.rows} == {"PRESCHOOL", "PRESCHOOL_POINT", "PRESCHOOL_GROUP"}
    assert rspo.totals["read"] == rspo.totals["kept"] + rspo.totals["not-childcare"] == 11


def test_padding_is_trimmed_and_an_empty_website_is_none(rspo):
    row = one(rspo, "131481")
    assert (row.postcode, row.phone, row.homepage) == ("21-560", "570004632", "http://www.akademiamp.pl")
    row = one(rspo, "6812")
    assert (row.address, row.homepage) == ("ul. Leśna 2, Międzyrzec Podlaski", None)
    assert "homepage-invalid" not in rspo.warnings


def test_a_commune_with_a_leading_zero_becomes_a_region(rspo):
    assert one(rspo, "131481").region_code == "PL-06-060101"
    assert one(rspo, "93158").region_code.startswith("PL-06-0601")


def test_an_operator_who_is_a_person_has_no_name(rspo):
    assert one(rspo, "131481").operator is None
    assert one(rspo, "6812").operator == "MIASTO MIĘDZYRZEC PODLASKI"
    assert one(rspo, "86232").operator is None


def test_a_village_without_streets_has_an_address(rspo):
    assert one(rspo, "93158").address == "Cicibór Duży 1"


def test_status_comes_from_the_day_of_closing(rspo, altered, read):
    assert {row.status for row in rspo.rows} == {"open"}
    path = altered("pl_rspo.csv", [{"Data likwidacji": "2020-08-31"}], delimiter=";", keep=1)
    assert read(path, "pl-rspo", region_of=any_commune).rows[0].status == "closed"


def test_special_preschools_and_repeated_names(rspo, at):
    assert one(rspo, "127334").services == ("disabled_special",)
    assert sorted(at(rspo, "name-repeated")) == ["88494", "88496"]
    assert at(rspo, "telephone-impossible") == ["49339"]


def test_wrong_check_digits_are_noted(altered, read, at):
    path = altered("pl_rspo.csv", [{"NIP": "8251305558", "REGON": "061444881"}], delimiter=";", keep=1)
    parsed = read(path, "pl-rspo", region_of=any_commune)
    assert at(parsed, "nip-invalid") == at(parsed, "regon-invalid") == ["131481"]


def test_the_real_numbers_pass(rspo):
    assert "nip-invalid" not in rspo.warnings
    assert "regon-invalid" not in rspo.warnings


def test_a_directors_name_is_never_read(altered, read):
    changes = [{"Imię i nazwisko dyrektora": "Janina Tajna", "Nazwa organu prowadzącego": "JAN TAJNY"}]
    parsed = read(altered("pl_rspo.csv", changes, delimiter=";", keep=1), "pl-rspo", region_of=any_commune)
    assert parsed.totals["kept"] == 1
    assert "Tajn" not in repr(parsed)
    assert "TAJN" not in repr(parsed)
    assert "@" not in repr(parsed)


def test_nurseries_find_their_commune_by_name(nurseries):
    assert one(nurseries, "2438/Z").region_code == "PL-16-160502"
    assert one(nurseries, "2562/Z").region_code == "PL-32-321401"
    assert one(nurseries, "19917/Z").region_code == "PL-02-021907"
    assert one(nurseries, "4084/Z").region_code == "PL-10-106101"


def test_nurseries_become_facilities(nurseries, at):
    row = one(nurseries, "15981/Z")
    assert (row.kind, row.status, row.capacity, row.enrolled) == ("NURSERY", "open", 24, 24)
    assert (row.address, row.services) == ("47-344 Walce", ("general", "disabled_integrated"))
    assert one(nurseries, "6944/Z").kind == "CHILDRENS_CLUB"
    assert at(nurseries, "capacity-missing") == ["10018/Z"]


def test_the_commune_imported_for(read):
    parsed = read("pl_zlobki.csv", "pl-zlobki", region="PL-16-160502")
    assert [row.register_no for row in parsed.rows] == ["2438/Z", "2439/Z"]
    assert parsed.totals["outside-region"] == 8
    assert not parsed.rejected


def test_a_commune_nobody_opened_is_rejected(read):
    parsed = read("pl_zlobki.csv", "pl-zlobki", region="PL-32")
    assert [rejected.code for rejected in parsed.rejected] == ["region-unknown"]
    assert parsed.rejected[0].value == "ZACHODNIOPOMORSKIE, stargardzki, Stargard"


@pytest.mark.parametrize(
    ("code", "region"),
    [
        ("0601011", "PL-06-060101"),
        ("601011", "PL-06-060101"),
        ("060101", "PL-06-060101"),
        ("60101", "PL-06-060101"),
        ("1605023", "PL-16-160502"),
        ("160502", "PL-16-160502"),
        ("1465028", "PL-14-146501"),
        ("1261029", "PL-12-126101"),
        ("9905023", ""),
        ("16050", ""),
        ("1605O23", ""),
        ("", ""),
    ],
)
def test_commune_codes(code, region):
    assert region_code(code) == region


def test_names_of_voivodeships_and_communes():
    assert voivodeship_code("OPOLSKIE") == "PL-16"
    assert voivodeship_code("Nigdzie") == ""
    assert place_by_names("OPOLSKIE", "krapkowicki", "Krapkowice").within == "PL-16-160502"
    unknown = place_by_names("OPOLSKIE", "krapkowicki", "Nowa Gmina")
    assert (unknown.candidates, unknown.within) == ((), "PL-16")
