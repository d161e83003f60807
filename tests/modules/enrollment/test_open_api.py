"""The open API of lists and free places: what the public page shows, in parts, by pseudonym, and pages that keep up."""

from __future__ import annotations

import pytest

from core.testing import count_queries
from modules.enrollment.services import set_places, withdraw
from tests.modules.enrollment.conftest import TODAY


@pytest.fixture
def listed(centres, apply_for, acting):
    rows = [apply_for(centres[0], name) for name in ("하나", "둘리", "세찬")]
    with acting("director", centres[0], on_date=TODAY):
        set_places(centres[0], 2030, 1, places=5, held=2)
    return rows


@pytest.mark.rule("S2-51")
@pytest.mark.rule("S2-02")
def test_lists_and_free_places_of_a_centre(listed, centres, client):
    found = client.get(f"/api/v1/facilities/F-{centres[0]}/lists").json
    assert [(one["name"], one["waiting"]) for one in found["lists"]] == [("rolling-1", 3)]
    assert [(one["year"], one["places"], one["free"]) for one in found["classes"]] == [(2030, 5, 3)]
    assert found["head"] == {"size": 0, "root": ""}


@pytest.mark.rule("S2-51")
@pytest.mark.rule("S2-53")
def test_a_list_in_parts_names_nobody(listed, centres, client):
    address = f"/api/v1/facilities/F-{centres[0]}/waiting"
    whole = client.get(address)
    assert [one["rank"] for one in whole.json["entries"]] == [1, 2, 3]
    assert "하나" not in whole.text
    assert (whole.json["list"], whole.json["size"]) == (f"F-{centres[0]}/rolling-1", 3)
    part = client.get(f"{address}?list=rolling-1&after=1&size=1").json
    assert part["entries"] == whole.json["entries"][1:2]
    assert whole.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(address, headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "status"),
    [("?list=rolling-9", 404), ("?size=0", 422), ("?size=501", 422), ("?after=-1", 422), ("?after=x", 422), ("?list=" + "x" * 61, 422)],
)
def test_bad_questions_get_one_clear_answer(listed, centres, client, query, status):
    answer = client.get(f"/api/v1/facilities/F-{centres[0]}/waiting{query}")
    assert answer.status_code == status and answer.json["message"]
    for what in ("lists", "waiting"):
        assert client.get(f"/api/v1/facilities/F-nowhere/{what}").status_code == 404


@pytest.mark.rule("E-02")
def test_whoever_knows_a_sign_sees_its_place(listed, centres, client, being):
    entries = client.get(f"/api/v1/facilities/F-{centres[0]}/waiting").json["entries"]
    found = client.get(f"/api/v1/waiting/{entries[2]['entry']}").json
    assert (found["rank"], found["ahead"], found["list"]) == (3, {"3": 2}, f"F-{centres[0]}/rolling-1")
    with being(listed[2][0]):
        withdraw(listed[2][2])
    assert client.get(f"/api/v1/waiting/{entries[2]['entry']}").json["rank"] is None
    assert client.get("/api/v1/waiting/" + "0" * 32).status_code == 404


def test_a_long_list_takes_as_few_queries_as_a_short_one(listed, centres, client):
    address = f"/api/v1/facilities/F-{centres[0]}/waiting"
    client.get(address)
    with count_queries() as few:
        client.get(address + "?size=1")
    with count_queries(at_most=len(few)):
        client.get(address)


def test_an_open_page_asks_again_by_itself(listed, centres, client, being):
    address = f"/waiting/F-{centres[0]}"
    page = client.get(address).text
    assert f'hx-get="{address}?"' in page and 'hx-select="#now"' in page
    with being(listed[0][0]):
        withdraw(listed[0][2])
    assert client.get(address).text.count("<code>") < page.count("<code>") + 3
