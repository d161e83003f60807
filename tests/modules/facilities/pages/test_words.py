"""Office pages say kinds, states, sources and steps in words; no code of the program is read there."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from modules.facilities import words
from modules.facilities.layouts import LAYOUT_NAMES, LAYOUTS
from modules.facilities.models import CapacityChange, Facility, MergeProposal, Service
from modules.facilities.models.facility import STATUSES
from modules.facilities.models.offer import SEASONS
from modules.facilities.services.offer import STANDINGS

#: Columns of a centre that are the program's own.
OWN = {"id", "search_text", "name_sort", "row_hash", "changed_at"}


@pytest.fixture
def administrator(entered, world):
    """Who may read the change history."""
    return entered("administrator", world.city)


def test_every_code_has_its_word(app):
    assert set(STATUSES) == set(words.STATUSES)
    assert set(SEASONS) == set(words.SEASONS)
    assert set(STANDINGS) == set(words.STANDINGS)
    assert set(LAYOUT_NAMES) == set(words.LAYOUTS)
    assert {layout.register for layout in LAYOUTS.values()} <= set(words.REGISTERS)
    assert {column.name for column in Facility.__table__.columns} - OWN == set(words.FIELDS)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "HOME", "Home daycare center"), ("status", "paused", "Paused"), ("source", "staff", "Entered by staff"),
        ("source", "import:pl-zlobki", "Import: Poland: register of nurseries"), ("register", "rspo", "Poland: RSPO, schools and kindergartens"),
        ("closed_on", "2026-03-02", "March 2, 2026"), ("closed_on", date(2026, 3, 2), "March 2, 2026"), ("bus", True, "yes"),
        ("opens", "07:30:00", "07:30"), ("weekday", 7, "Sunday"), ("capacity", 0, "0"), ("name", "Sun", "Sun"), ("phone", "", "None"),
        ("status", "burnt", "burnt"), ("source", "old", "old"),
    ],
)  # fmt: skip
def test_values_in_words(system, field, value, said):
    assert str(words.said(field, value)) == said


def test_the_history_of_a_centre(sun, administrator, world):
    people.run(
        "update facilities.facility set source = 'import:seoul-standard', kind = 'HOME', status = 'paused', search_text = 'x', "
        "paused_from = '2026-03-02', published = false where id = :no", no=world.facilities[0],
    )  # fmt: skip
    administrator.post(f"/office/facilities/register/{sun}/publish", data={"on": "1"})
    page = administrator.get(f"/office/facilities/register/details/?id={world.facilities[0]}").text
    told = page.partition("Change history</h2>")[2]
    for said in ("Import: Seoul open data, standard form</ins>", "Home daycare center</ins>", "Open now</del>", "Paused</ins>",
                 "March 2, 2026</ins>", "Published: ", "yes</ins>", "The system", "Someone"):  # fmt: skip
        assert said in told
    for raw in ("import:", ">HOME<", ">open<", ">paused<", "search_text", "changed_at", "account:"):
        assert raw not in page


@pytest.mark.parametrize(
    ("page", "code", "word"),
    [
        ("register", "HOME", "Home daycare center"),
        ("register", "paused", "Paused"),
        ("capacity", "in_force", "in force"),
        ("doubles", "distinct", "two centres"),
    ],
)
def test_filters_are_chosen_by_words(administrator, page, code, word):
    text = administrator.get(f"/office/facilities/{page}/").text
    assert f'<option value="{code}">{word}</option>' in text


def test_a_filter_finds_by_the_word_chosen(centre, administrator, world):
    centre(world.facilities[0], name="Sunflower", kind="HOME")
    centre(world.facilities[1], name="Moonflower")
    register = "/office/facilities/register/"
    [name, *_more] = re.findall(
        r'<select[^>]*name="(\w+)">(?:(?!</select>).)*value="HOME"',
        administrator.get(register).text,
        re.DOTALL,
    )
    found = administrator.get(register, query_string={name: "HOME"}).text
    assert "Sunflower" in found
    assert "Moonflower" not in found
    chips = re.search(r'<ul class="chips".*?</ul>', found, re.DOTALL).group()
    assert "Home daycare center" in chips
    assert "HOME<" not in chips


@pytest.mark.parametrize(
    ("language", "day", "asked"),
    [
        ("en", "Mar 2, 2026", "Feb 1, 2026 09:30"),
        ("pl", "2 mar 2026", "1 lut 2026 09:30"),
        ("ko", "2026. 3. 2.", "2026. 2. 1. 09:30"),
    ],
)
def test_a_list_writes_days_and_moments_as_its_reader_and_calls_a_row_by_its_centre(
    sun, administrator, system, world, language, day, asked
):
    change = CapacityChange(
        facility_id=world.facilities[0], before=20, wanted=10, effective_on=date(2026, 3, 2), reason="r", figures={},
        requested_at=datetime(2026, 2, 1, 0, 30, tzinfo=UTC),
    )  # fmt: skip
    db.session.add(change)
    db.session.commit()
    administrator.post("/language", data={"to": language})
    page = html.unescape(administrator.get("/office/facilities/capacity/").text).replace("\u202f", " ")
    [row] = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*Sunflower.*?</tr>", page, re.DOTALL)
    assert f">{day}<" in re.sub(r"\s*([<>])\s*", r"\1", row)
    assert asked in row
    opened = re.search(r"<a[^>]*/details/.*?</a>", row, re.DOTALL).group()
    assert "Sunflower" in opened
    for raw in ("CapacityChange", "+00:00", "2026-03-02"):
        assert raw not in row


def test_the_steps_of_a_capacity(sun, administrator, system, world):
    lines = [
        {"code": "total-area", "arithmetic": "42.9 m² ÷ 4.29 m² = 10", "value": 10},
        {"code": "least", "arithmetic": "10", "value": 10},
    ]
    change = CapacityChange(
        facility_id=world.facilities[0], before=20, wanted=10, effective_on=date(2026, 3, 2), reason="r",
        figures={"value": 10, "binding": True, "lines": lines, "policy_ids": []},
    )  # fmt: skip
    db.session.add(change)
    db.session.commit()
    page = administrator.get(f"/office/facilities/capacity/details/?id={change.id}").text
    assert "Whole floor" in page
    assert "The least of these" in page
    assert "total-area" not in page


def test_both_records_of_a_double(world, centre, system, entered):
    for place, register in zip(world.facilities, ("rspo", "pl-rz"), strict=True):
        centre(place, register=register, status="paused", bus=True)
    pair = MergeProposal(
        region_no=world.district,
        keep_id=world.facilities[0],
        drop_id=world.facilities[1],
        score=70,
        evidence={"same_name": True},
    )
    db.session.add(pair)
    db.session.commit()
    page = (
        entered("district_officer", world.district)
        .get(f"/office/facilities/doubles/details/?id={pair.id}")
        .text
    )
    for said in (
        "<td>Paused</td>",
        "<td>Poland: RSPO, schools and kindergartens</td>",
        "<td>yes</td>",
        "(Poland: register of nurseries)",
    ):
        assert said in page
    for raw in ("<td>paused</td>", "<td>rspo</td>", "(pl-rz)", "<td>True</td>"):
        assert raw not in page


def test_the_history_of_an_offer(sun, system, entered, world):
    db.session.add(Service(facility_id=world.facilities[0], service="night"))
    db.session.commit()
    director = entered("director", world.facilities[0])
    url = f"/office/facilities/offer/{sun}"
    director.post(f"{url}/standing", data={"standing-night": "full", "reason": "all taken"})
    fees = [{"name": "Lunch", "amount": 120000, "unit": "month"}]
    db.session.execute(
        sa.text("insert into facilities.disclosure (id) values (:no)"), {"no": world.facilities[0]}
    )
    db.session.commit()
    db.session.execute(
        sa.text("update facilities.disclosure set fees = cast(:fees as jsonb) where id = :no"),
        {"fees": str(fees).replace("'", '"'), "no": world.facilities[0]},
    )
    db.session.commit()
    told = director.get(url).text.partition("Change history</h2>")[2]
    for said in (
        "Service: Changed",
        "Standing: ",
        "offered</del>",
        "full</ins>",
        "all taken",
        "Someone",
        "Fees: ",
        "Lunch ₩120,000</ins>",
    ):
        assert said in told
    for raw in ("standing:", "account:", "&#39;amount&#39;"):
        assert raw not in told
