"""A paper list goes into the log in the order of its dates, once, before the first offer; everybody sees the days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import scope as scopes
from modules.enrollment.models import PaperEntry
from modules.enrollment.services import apply_at_counter, offer, papering, withdraw
from modules.enrollment.services.papering import BadPaper
from modules.families.services import register_child
from modules.families.services.counter import Desk
from tests.modules.enrollment.conftest import TODAY
from tests.modules.enrollment.test_overriding import verified
from tests.modules.enrollment.test_services import order, steps
from tests.modules.families.test_pages import entered

__all__ = ["entered"]


@pytest.fixture
def copied(centres, acting):
    """`copied(name, day)` registers a child at the counter and copies its line."""

    def line(name, day, here=centres[0], wanted=TODAY, claimed=()):
        with acting("front_desk", here, on_date=TODAY):
            desk = Desk(
                name=name, born_on=date(2024, 5, 4), expected_on=None, guardian=f"{name} 엄마", relation="mother", phone="010-1234-5678",
                language="ko",
            )  # fmt: skip
            child = register_child(desk, facility_id=here)
            papering.note(child, here, applied_on=day, wanted_from=wanted, claimed=claimed)
            return child

    return line


@pytest.mark.rule("S2-44")
def test_a_paper_list_stands_before_all_who_applied_here_in_the_order_of_its_dates(centres, apply_for, copied, acting):
    here = centres[0]
    online = apply_for(here, "온라인")
    late, early = copied("나중", date(2025, 6, 1)), copied("먼저", date(2024, 2, 1), claimed=["one_parent"])
    with acting("front_desk", here, on_date=TODAY), pytest.raises(Forbidden):
        papering.take_over(here)
    with acting("director", here, on_date=TODAY):
        taken = papering.take_over(here)
        assert (taken.count, taken.left) == (2, ())
        with pytest.raises(BadPaper, match="Nothing was copied"):
            papering.take_over(here)
    from modules.enrollment.models import Application

    with scopes.system("look"):
        children = {one.id: one.child_id for one in db.session.query(Application)}
    assert [children[number] for number in order(here)] == [early, late, online[1]]
    told = [one.facts for one in steps(here) if one.kind == "migrate"]
    assert [(one["number"], one["original"]) for one in told] == [(1, "2024-02-01"), (2, "2025-06-01")]
    assert len({one["batch"] for one in told}) == 1
    assert verified().broken == []


@pytest.mark.rule("S2-44")
def test_who_was_forgotten_applies_now(centres, copied, acting):
    here = centres[0]
    copied("하나", date(2025, 1, 1))
    with acting("director", here, on_date=TODAY):
        papering.take_over(here)
    copied("잊힌", date(2023, 1, 1))
    with acting("director", here, on_date=TODAY), pytest.raises(BadPaper, match="everybody saw it"):
        papering.take_over(here)
    assert len(order(here)) == 1


def test_after_the_first_offer_no_paper_list_comes(centres, apply_for, copied, acting, vacancy):
    here = centres[0]
    apply_for(here, "온라인")
    free = vacancy(here)
    with acting("director", here, on_date=TODAY):
        offer(free)
    copied("먼저", date(2024, 2, 1))
    with acting("director", here, on_date=TODAY), pytest.raises(BadPaper, match="before the first offer"):
        papering.take_over(here)
    with scopes.system("look"):
        assert db.session.query(PaperEntry).one().taken_at is None


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), date(2018, 12, 31)])
def test_a_day_that_cannot_stand_on_the_paper(copied, day):
    with pytest.raises(BadPaper, match="at most seven years"):
        copied("하나", day)


def test_lines_are_corrected_until_they_are_taken_over(centres, copied, acting):
    here = centres[0]
    child = copied("하나", date(2025, 1, 1))
    with acting("front_desk", here, on_date=TODAY):
        papering.note(child, here, applied_on=date(2024, 1, 1), wanted_from=TODAY)
        assert [row.applied_on for row in papering.noted(here)] == [date(2024, 1, 1)]
        with pytest.raises(NotFound):
            papering.note(child + 999, here, applied_on=date(2024, 1, 1), wanted_from=TODAY)
        number = apply_at_counter(child, here, wanted_from=TODAY)
        with pytest.raises(BadPaper, match="waits here already"):
            papering.note(child, here, applied_on=date(2024, 1, 1), wanted_from=TODAY)
        withdraw(number)
    with acting("director", here, on_date=TODAY):
        papering.take_over(here)
    with acting("front_desk", here, on_date=TODAY), pytest.raises(BadPaper):
        papering.note(child, here, applied_on=date(2023, 1, 1), wanted_from=TODAY)


def test_the_pages_of_the_paper_list(centres, copied, entered):
    here = centres[0]
    director = entered("director", here, "director")
    assert "Nothing was copied yet" in director.get("/office/enrollment/paper/").text
    assert director.post("/office/enrollment/paper/take-over", {}).status_code == 422
    child = copied("하나", date(2025, 1, 1))
    desk = entered("front_desk", here, "desk")
    done = desk.post(f"/office/enrollment/desk/{child}", {"wanted_from": "2027-03-02", "applied_on": "2024-01-01"})
    assert done.status_code == 302 and done.headers["Location"].endswith("/paper/")
    assert desk.post(f"/office/enrollment/desk/{child}", {"wanted_from": "2027-03-02", "applied_on": "2034-01-01"}).status_code == 422
    assert "하나" in director.get("/office/enrollment/paper/").text
    assert director.post("/office/enrollment/paper/take-over", {}).status_code == 302
    assert "Nothing was copied yet" in director.get("/office/enrollment/paper/").text
