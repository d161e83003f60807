"""The open API and open data: published rows only, no names of people, bounded, kept by caches (S2-51)."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import openpyxl
import pytest

from core.db.base import db
from core.regions import activation, policies
from core.testing import count_queries
from modules.facilities import open_data
from modules.facilities.models import Facility, Service
from modules.facilities.open_data import keeping


@pytest.fixture
def town(world, centre, system):
    """Two published centres in the north, one hidden in the south, one where the module is off."""
    codes = {
        "sun": centre(world.facilities[0], name="Sunflower", operator="Jan Kowalski", lat=37.5, lon=126.9,
                      source_on=date(2026, 7, 1), phone="02-123-4567"),
        "moon": centre(world.facilities[1], name="=Moon", kind="DAY_CARER", phone="010-9999-8888", enrolled=20),
        "hidden": centre(world.neighbors[0], name="Hidden", published=False),
        "off": centre(world.far[0], name="Off"),
    }  # fmt: skip
    db.session.add(Service(facility_id=world.facilities[0], service="night"))
    db.session.add(Service(facility_id=world.facilities[0], service="holiday", standing="paused"))
    db.session.commit()
    return codes


def names(answer):
    return [row["name"] for row in answer.json["facilities"]]


@pytest.mark.rule("S2-51")
def test_search_gives_published_rows_of_places_where_the_module_is_on(town, browser):
    answer = browser.get("/api/v1/facilities")
    assert answer.status_code == 200
    assert sorted(names(answer)) == ["=Moon", "Sunflower"]
    assert "Kowalski" not in answer.text
    assert "9999" not in answer.text
    sun = next(row for row in answer.json["facilities"] if row["name"] == "Sunflower")
    assert (sun["services"], sun["places_free"], sun["region"], sun["source_on"]) == (
        ["night"],
        5,
        "XA-1-1",
        "2026-07-01",
    )
    assert set(sun) == set(open_data.FIELDS)


def test_filters_are_those_of_the_public_page(town, browser):
    for query, found in (
        ("q=sun", ["Sunflower"]), ("free=1", ["Sunflower"]), ("kind=DAY_CARER&kind=X", ["=Moon"]), ("service=night", ["Sunflower"]),
        ("service=holiday", []), ("region=XA-1-2", []), ("lat=37.5&lon=126.9", ["Sunflower"]),
    ):  # fmt: skip
        assert names(browser.get(f"/api/v1/facilities?{query}")) == found, query


def test_pages_are_bounded_and_go_on(town, browser):
    first = browser.get("/api/v1/facilities?size=1")
    assert len(first.json["facilities"]) == 1
    second = browser.get("/api/v1/facilities", query_string={"size": 1, "at": first.json["next"]})
    assert {*names(first), *names(second)} == {"=Moon", "Sunflower"}
    assert second.json["next"] is None
    assert second.json["previous"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("size=101", 422), ("size=0", 422), ("service=magic", 422), ("lat=99&lon=1", 422), ("region=KR-99", 404), ("at=made-up", 404)],
)  # fmt: skip
def test_wrong_questions_are_refused_as_json(town, browser, query, status):
    answer = browser.get(f"/api/v1/facilities?{query}")
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert answer.json["code"]


def test_a_page_costs_the_same_however_many_rows(town, browser):
    browser.get("/api/v1/facilities?size=1")
    with count_queries() as one:
        browser.get("/api/v1/facilities?size=1")
    with count_queries() as two:
        browser.get("/api/v1/facilities?size=2")
    assert len(one) == len(two)


def test_one_centre_and_what_is_not_there(town, browser):
    answer = browser.get(f"/api/v1/facilities/{town['sun']}")
    assert answer.status_code == 200
    assert answer.json["offered"] == [
        {"service": "holiday", "standing": "paused"},
        {"service": "night", "standing": "offered"},
    ]
    assert answer.json["told"] is None
    for gone in (town["hidden"], town["off"], "F-NOBODY"):
        assert browser.get(f"/api/v1/facilities/{gone}").status_code == 404


def test_a_signed_in_director_reads_the_same(town, entered, world):
    browser = entered("director", world.neighbors[0])
    assert sorted(names(browser.get("/api/v1/facilities"))) == ["=Moon", "Sunflower"]
    assert browser.get(f"/api/v1/facilities/{town['hidden']}").status_code == 404


def test_caches_ask_by_etag(town, browser, system):
    for url in ("/api/v1/facilities", "/open/facilities.csv?region=XA-1"):
        answer = browser.get(url)
        assert "max-age" in answer.headers["Cache-Control"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        again = browser.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    facility = db.session.query(Facility).filter_by(code=town["sun"]).one()
    facility.capacity, facility.changed_at = 30, keeping.sa.func.clock_timestamp()
    db.session.commit()
    for url in ("/api/v1/facilities", "/open/facilities.csv?region=XA-1"):
        answer = browser.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert answer.status_code == 200


@pytest.mark.rule("S2-51")
def test_csv_and_spreadsheet_carry_licence_and_no_formula(town, browser):
    answer = browser.get("/open/facilities.csv?region=XA-1")
    assert "facilities-XA-1.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Sunflower", "'=Moon"]
    assert rows[0]["source_on"] == "2026-07-01"
    assert "not stated" in rows[0]["licence"]
    assert not {"operator", "search_text"} & set(rows[0])
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get("/open/facilities.xlsx?region=XA-1").data)).active
    assert [cell.value for cell in sheet["B"]] == ["name", "Sunflower", "=Moon"]
    assert sheet["B3"].data_type == "s"


def test_json_and_map_points_carry_the_regions_licence(town, browser, system, world):
    policies.override(
        "facilities.open_data.terms", place=world.city, value={"licence": "CC-BY-4.0", "url": "https://x.example", "attribution": "City"},
        valid_from=date(2026, 1, 1), legal_basis="resolution 1",
    )  # fmt: skip
    db.session.commit()
    whole = json.loads(browser.get("/open/facilities.json?region=XA-1").data)
    assert (whole["licence"], whole["attribution"], whole["source_on"]) == ("CC-BY-4.0", "City", "2026-07-01")
    assert [row["code"] for row in whole["facilities"]] == [town["sun"], town["moon"]]
    points = json.loads(browser.get("/open/facilities.geojson?region=XA-1").data)
    assert points["type"] == "FeatureCollection"
    assert points["licence"] == "CC-BY-4.0"
    assert [feature["geometry"] for feature in points["features"]] == [
        {"type": "Point", "coordinates": [126.9, 37.5]},
        None,
    ]


def test_only_the_newest_edition_is_kept(town, browser, system):
    browser.get("/open/facilities.csv?region=XA-1")
    db.session.query(Facility).filter_by(code=town["sun"]).one().published = False
    db.session.commit()
    assert "Sunflower" not in browser.get("/open/facilities.csv?region=XA-1").text
    assert len(keeping._editions("XA-1", "csv")) == 1


def test_a_large_region_is_written_by_a_job(town, browser, system, monkeypatch):
    monkeypatch.setattr(keeping, "MADE_AT_ONCE", 1)
    for _n in range(2):
        answer = browser.get("/open/facilities.json?region=XA-1-1")
        assert (answer.status_code, answer.headers["Retry-After"]) == (202, "60")
    asked = db.session.execute(
        keeping.sa.text("select payload from core.outbox where name = :name"), {"name": keeping.JOB}
    ).all()
    assert [row.payload for row in asked] == [{"region": "XA-1-1", "form": "json"}]
    open_data.make("XA-1-1", "json")
    assert browser.get("/open/facilities.json?region=XA-1-1").status_code == 200


def test_files_of_unknown_regions_and_forms_are_not_there(town, browser):
    assert browser.get("/open/facilities.csv?region=KR-99").status_code == 404
    assert browser.get("/open/facilities.csv").status_code == 422
    assert browser.get("/open/facilities.pdf?region=XA-1").status_code == 404


def test_off_everywhere_means_no_api(town, browser, system, world):
    activation.switch("facilities", world.city, on=False, first_day=date(2020, 1, 2), reason="test")
    db.session.commit()
    assert browser.get("/api/v1/facilities").status_code == 404
    assert browser.get("/open/facilities.csv?region=XA-1").status_code == 404


def test_the_document_describes_it(app, browser):
    for path in ("/openapi.json", "/api/v1/openapi.json"):
        answer = browser.get(path)
        assert answer.status_code == 200
    paths = answer.json["paths"]
    assert {"/api/v1/facilities", "/api/v1/facilities/{code}", "/open/facilities.{form}"} <= set(paths)
    asked = {p["name"]: p for p in paths["/api/v1/facilities"]["get"]["parameters"]}
    assert asked["size"]["schema"]["maximum"] == 100
    assert not any(path.startswith(("/office", "/login", "/account")) for path in paths)
    assert "servers" not in answer.json


def test_the_document_names_nothing_of_a_module_that_is_off(town, browser, world, system):
    def switch(*, on):
        activation.switch("facilities", world.city, on=on, first_day=date(2020, 1, 1), reason="test")
        db.session.commit()

    whole = browser.get("/openapi.json").json
    assert "/api/v1/facilities" in whole["paths"]
    assert {"Ages", "Told"} <= set(whole["components"]["schemas"])
    switch(on=False)
    left = browser.get("/openapi.json").json
    assert not left["paths"]
    assert not left["tags"]
    assert not {"Ages", "Told"} & set(left["components"]["schemas"])
    switch(on=True)
    assert browser.get("/api/v1/openapi.json").json == whole
