"""What a centre offers: each part is changed by the role that keeps it, with a reason, and read by the others (S2-43)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import audit
from core.security import scope as scopes
from core.security.access import book
from core.security.reasons import NoReason
from core.testing import count_queries
from modules.facilities.models import ClosingDay, Facility
from modules.facilities.services import (
    close_on,
    describe_meals,
    designate,
    disclose,
    open_on_again,
    set_hours,
    set_standings,
)
from modules.facilities.services.offer import MAX_CLOSING_DAYS, BadOffer

TOMORROW = timedelta(days=1)
MONDAY = (1, time(7, 30), time(19, 30), 1, 2)


@pytest.mark.rule("S2-20")
def test_the_district_names_services_and_the_centre_says_how_they_stand(acting, world, mine):
    with acting("district_officer", world.district):
        designate(mine(), ["night", "holiday"], "designated on 1 March")
        db.session.commit()
    with acting("director", world.facilities[0]):
        set_standings(mine(), {"night": "full"}, "all places taken")
        db.session.commit()
        assert {s.service: s.standing for s in mine().services} == {"night": "full", "holiday": "offered"}
    with acting("district_officer", world.district):
        designate(mine(), ["night"], "no more holidays")
        db.session.commit()
        assert {s.service: s.standing for s in mine().services} == {"night": "full"}
        reasons = [c.reason for c in audit.history_of_place(world.facilities[0], ("facilities.service",))]
    assert {"designated on 1 March", "all places taken", "no more holidays"} == set(reasons)


def test_hours_are_changed_in_place_so_that_the_history_reads_well(acting, world, mine):
    with acting("director", world.facilities[0]):
        set_hours(mine(), "all", [MONDAY, (2, time(8), time(18), 1, 1)], "our hours")
        db.session.commit()
        set_hours(mine(), "all", [(1, time(8), time(19, 30), 1, 2)], "later from now on")
        db.session.commit()
        assert [(row.weekday, row.opens) for row in mine().hours] == [(1, time(8))]
        last = audit.history_of_place(world.facilities[0], ("facilities.opening_hours",))
        assert [(c.op, c.reason) for c in last[:2]].count(("U", "later from now on")) == 1
        assert next(c for c in last if c.op == "U").diff == {"opens": ["07:30:00", "08:00:00"]}


@pytest.mark.rule("S2-30")
def test_what_parents_read(acting, world, mine):
    with acting("director", world.facilities[0]):
        disclose(
            mine(),
            fees=[{"name": "Trip", "amount": 5000, "unit": "month"}],
            insurance=" all children ",
            reason="new year",
        )
        db.session.commit()
    with acting("front_desk", world.facilities[0]):
        describe_meals(mine(), "Soup and rice", "menu of the week")
        db.session.commit()
        assert mine().disclosure.meals == "Soup and rice"
        assert mine().disclosure.insurance == "all children"


def test_closing_days(acting, world, mine):
    with acting("director", world.facilities[0]):
        day = scopes.current().on_date + TOMORROW
        close_on(mine(), day, "summer rest")
        db.session.commit()
        with pytest.raises(BadOffer, match="already"):
            close_on(mine(), day, "again")
        open_on_again(mine(), day, "a mistake")
        with pytest.raises(BadOffer, match="not a closing day"):
            open_on_again(mine(), day, "a mistake")


ACTS = {
    "designate": lambda f: designate(f, ["night"], "r"),
    "standing": lambda f: set_standings(f, {}, "r"),
    "hours": lambda f: set_hours(f, "all", [MONDAY], "r"),
    "closing": lambda f: close_on(f, date(2099, 1, 1), "r"),
    "disclose": lambda f: disclose(f, fees=[], reason="r"),
    "meals": lambda f: describe_meals(f, "x", "r"),
}
OWNERS = {
    "designate": {"district_officer", "city_officer", "administrator"},
    "standing": {"director", "administrator"},
    "hours": {"director", "administrator"},
    "closing": {"director", "administrator"},
    "disclose": {"director", "administrator"},
    "meals": {"director", "front_desk", "administrator"},
}


@pytest.mark.rule("S2-43")
def test_only_the_owner_of_a_part_changes_it(acting, world, mine):
    roles = ["administrator", "city_officer", "district_officer", "director", "front_desk", "inspector", "accountant",
             "ministry_reader", "parent"]  # fmt: skip
    for part, act in ACTS.items():
        for role in roles:
            with acting(role, world.facilities[0]):
                assert (book.find(role, f"facilities.offer.{part}") is not None) == (role in OWNERS[part]), (
                    role,
                    part,
                )
                if role in OWNERS[part]:
                    act(mine())
                else:
                    with pytest.raises(Forbidden):
                        act(mine())
                db.session.rollback()


def test_another_centres_director_is_told_nothing(acting, world, sun, system):
    stranger = db.session.get(Facility, world.facilities[0])
    with acting("director", world.neighbors[0]):
        assert db.session.query(Facility).filter_by(code=sun).first() is None
        for act in ACTS.values():
            with pytest.raises((NotFound, Forbidden)):
                act(stranger)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda f: set_standings(f, {"night": "full"}, "r"), "district adds"),
        (lambda f: set_hours(f, "spring", [MONDAY], "r"), "spring"),
        (lambda f: set_hours(f, "all", [(1, time(9), time(8), 0, 0)], "r"), "closes after"),
        (lambda f: set_hours(f, "all", [(8, time(8), time(9), 0, 0)], "r"), "day 8"),
        (lambda f: set_hours(f, "all", [(1, time(8), time(9), 9, 0)], "r"), "meals"),
        (lambda f: set_hours(f, "all", [MONDAY, MONDAY], "r"), "twice"),
        (lambda f: set_hours(f, "all", [MONDAY], " "), "Say why"),
        (lambda f: close_on(f, date(2020, 1, 1), "r"), "is over"),
        (lambda f: close_on(f, date(2099, 1, 1), ""), "Parents need"),
        (lambda f: disclose(f, fees=[{"name": "", "amount": 1}], reason="r"), "needs a name"),
        (lambda f: disclose(f, fees=[{"name": "x", "amount": -1}], reason="r"), "zero or more"),
        (lambda f: disclose(f, fees=[{"name": "x", "amount": 1}] * 41, reason="r"), "At most 40"),
        (lambda f: disclose(f, fees=[], reason="r", meals="x"), "Only these"),
        (lambda f: disclose(f, fees=[], reason="r", extent="x" * 4001), "4000"),
        (lambda f: describe_meals(f, "x", ""), "Say why"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(acting, world, mine, act, says):
    with acting("director", world.facilities[0]), pytest.raises((BadOffer, NoReason), match=says) as refused:
        act(mine())
    assert "\n" not in str(refused.value)


def test_services_nobody_knows_and_too_many_closing_days(acting, world, mine, system):
    first = system.on_date + TOMORROW
    days = (first + TOMORROW * n for n in range(MAX_CLOSING_DAYS))
    db.session.add_all(ClosingDay(facility_id=world.facilities[0], day=day, reason="r") for day in days)
    db.session.commit()
    with acting("district_officer", world.district), pytest.raises(BadOffer, match="magic"):
        designate(mine(), ["magic"], "r")
    with acting("director", world.facilities[0]), pytest.raises(BadOffer, match="take one back"):
        close_on(mine(), date(2099, 1, 1), "r")


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_director_finds_forms_and_saves(sun, entered, browser, world):
    jan = entered("director", world.facilities[0])
    url = f"/office/facilities/offer/{sun}"
    assert jan.get("/office/facilities/offer/").headers["Location"].endswith(url)
    page = jan.get(url)
    assert page.status_code == 200
    for part in ("hours", "closing", "disclose", "meals"):
        assert f"{url}/{part}" in page.text
    assert f"{url}/designate" not in page.text
    posted = {
        "season": "term",
        "opens1": "07:30",
        "closes1": "19:30",
        "meals1": "1",
        "snacks1": "2",
        "reason": "our hours",
    }
    assert jan.post(f"{url}/hours", data=posted).status_code == 302
    fees = {
        "fee_name": ["Trip", ""],
        "fee_amount": ["250000", ""],
        "fee_unit": ["year", ""],
        "extent": "0–2",
        "reason": "fees",
    }
    assert jan.post(f"{url}/disclose", data=fees).status_code == 302
    assert jan.post(f"{url}/closing", data={"day": "2099-08-01", "reason": "rest"}).status_code == 302
    assert (
        jan.post(f"{url}/closing", data={"act": "open", "day": "2099-08-01", "reason": "no"}).status_code
        == 302
    )
    text = jan.get(url).text
    assert "our hours" in text
    assert "250000" in text
    public = browser.get(f"/facilities/{sun}").text
    assert "07:30–19:30" in public
    assert "250,000" in public


def test_the_page_reads_as_much_for_one_row_as_for_many(sun, entered, world, acting, mine):
    jan = entered("director", world.facilities[0])
    url = f"/office/facilities/offer/{sun}"
    with acting("director", world.facilities[0]):
        set_hours(mine(), "all", [MONDAY], "r")
        db.session.commit()
    jan.get(url)
    with count_queries() as one:
        jan.get(url)
    with acting("director", world.facilities[0]):
        set_hours(mine(), "all", [(n, time(8), time(18), 1, 1) for n in range(1, 8)], "r")
        disclose(mine(), fees=[{"name": f"f{n}", "amount": n} for n in range(20)], reason="r")
        db.session.commit()
    with count_queries() as full:
        jan.get(url)
    assert len(full) <= len(one) + 1


def test_what_was_typed_stays_when_it_is_refused(sun, entered, world):
    jan = entered("director", world.facilities[0])
    url = f"/office/facilities/offer/{sun}"
    for part, data, says in (
        (
            "hours",
            {"season": "all", "opens1": "19:00", "closes1": "07:00", "reason": "typed reason"},
            "closes after",
        ),
        ("hours", {"season": "all", "opens1": "noon", "reason": "typed reason"}, "07:30"),
        (
            "disclose",
            {"fee_name": "Trip", "fee_amount": "many", "fee_unit": "typed unit", "reason": "r"},
            "as a number",
        ),
        (
            "disclose",
            {"fee_name": "Trip", "fee_amount": "1.5", "fee_unit": "typed unit", "reason": "r"},
            "more digits",
        ),
        ("closing", {"day": "soon", "reason": "typed reason"}, "Choose a day"),
    ):
        answer = jan.post(f"{url}/{part}", data=data)
        assert answer.status_code == 422
        assert says in answer.text
        assert "typed" in answer.text


def test_the_office_reads_and_strangers_find_nothing(sun, entered, browser, world):
    url = f"/office/facilities/offer/{sun}"
    officer = entered("district_officer", world.district)
    text = officer.get(url).text
    assert f"{url}/designate" in text
    assert f"{url}/hours" not in text
    assert officer.post(f"{url}/designate", data={"service": ["night"], "reason": "r"}).status_code == 302
    assert officer.post(f"{url}/hours", data={"season": "all", "reason": "r"}).status_code == 403
    other = entered("director", world.neighbors[0])
    assert other.get(url).status_code == 404
    assert other.post(f"{url}/hours", data={"season": "all", "reason": "r"}).status_code == 404
    assert officer.post(f"{url}/magic", data={}).status_code == 404
    assert browser.get(url).status_code == 302
