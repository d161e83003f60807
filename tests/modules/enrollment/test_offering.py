"""Free places and offers: the first in line, lawful reasons alone, answers in time, and never more children than places."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden, NotFound, Refusal
from core.security import access
from core.security import scope as scopes
from core.testing import mark_dirty
from modules.enrollment.models import Application, ClassGroup, Vacancy
from modules.enrollment.services import (
    accept,
    admit,
    apply,
    close_vacancy,
    decline,
    expire_offers,
    leave,
    leave_out,
    offer,
    open_vacancy,
    places,
    set_places,
    withdraw,
)
from modules.enrollment.services.admitting import NoConsent, NoPapers
from modules.enrollment.services.ending import NotWaiting
from modules.enrollment.services.offering import NotNext, NotOffered
from modules.enrollment.services.places import BadPlaces
from modules.families.models import Child
from modules.families.services import consent
from tests.modules.enrollment.conftest import TODAY
from tests.modules.enrollment.test_services import order, state, steps


@pytest.fixture
def three(centres, apply_for):
    """Three families wait at the first centre."""
    return [apply_for(centres[0], name) for name in ("하나", "둘리", "세찬")]


def said(centre, *kinds):
    """The leaves of these kinds about a centre, without what every leaf has."""
    plain = ("kind", "list", "entry", "on", "commit", "policy", "vacancy", "until")
    return [
        (one.kind, {key: value for key, value in one.facts.items() if key not in plain}) for one in steps(centre) if one.kind in kinds
    ]


@pytest.mark.rule("S2-16")
def test_the_first_in_line_is_offered_the_place_accepts_and_is_admitted(centres, three, vacancy, acting, being):
    here, (first, second, _third) = centres[0], three
    number = vacancy(here)
    with acting("director", here, on_date=TODAY):
        assert offer(number) == first[2]
        with pytest.raises(BadPlaces, match="being offered"):
            offer(number)
        with pytest.raises(NotWaiting, match="accepted an offered place"):
            admit(first[2])
    assert order(here) == [second[2], three[2][2]], "who is offered a place waits no more"
    with being(second[0]), pytest.raises(NotFound):
        accept(first[2])
    with being(first[0]):
        accept(first[2])
        with pytest.raises(NotOffered):
            accept(first[2])
    with acting("front_desk", here, on_date=TODAY), pytest.raises(Forbidden):
        admit(first[2])
    with acting("director", centres[1], on_date=TODAY), pytest.raises(NotFound):
        admit(first[2])
    with acting("director", here, on_date=TODAY):
        admit(first[2])
        assert places.classes(here)[0].free == 0
        leave(first[2])
        assert places.classes(here)[0].free == 1
        with pytest.raises(NotWaiting):
            leave(first[2])
    assert [kind for kind, _facts in said(here, "offer", "accept", "admit", "withdraw", "capacity")] == [
        "capacity", "offer", "accept", "admit", "withdraw",
    ]  # fmt: skip
    assert state(first[2]) == "left"


@pytest.mark.rule("S2-16")
@pytest.mark.rule("S2-17")
def test_nobody_is_left_out_without_a_lawful_reason_and_evidence(centres, three, vacancy, acting):
    here, (first, second, _third) = centres[0], three
    number = vacancy(here)
    with acting("director", here, on_date=TODAY):
        for code, evidence in (("a friend asked", "x"), ("", "x"), ("documents_missing", "  "), ("not_wanted_yet", "x")):
            with pytest.raises(NotNext):
                leave_out(number, first[2], code=code, evidence=evidence)
        leave_out(number, first[2], code="documents_missing", evidence="the letter of 3 February came back")
        with pytest.raises(NotNext, match="takes no part"):
            leave_out(number, first[2], code="documents_missing", evidence="again")
        assert offer(number) == second[2]
    with acting("front_desk", here, on_date=TODAY), pytest.raises(Forbidden):
        leave_out(number, first[2], code="documents_missing", evidence="x")
    refusal = next(facts for _kind, facts in said(here, "assess"))
    assert refusal.pop("evidence") not in ("", "the letter of 3 February came back"), "committed, not told"
    assert refusal == {"refusal": "documents_missing"}
    assert order(here)[0] == first[2], "the place in line stays"
    second_place = vacancy(here)
    with acting("director", here, on_date=TODAY):
        assert offer(second_place) == first[2], "a refusal holds for one place alone"


def test_who_wants_to_begin_later_is_left_out_by_the_system_and_the_log_says_so(centres, apply_for, being, vacancy, acting):
    here = centres[0]
    later = apply_for(here, "나중")
    with scopes.system("a wish for later"):
        db.session.execute(sa.text("update enrollment.entry set wanted_from = :day"), {"day": TODAY + timedelta(days=60)})
        db.session.commit()
    now = apply_for(here, "지금")
    number = vacancy(here)
    with acting("director", here, on_date=TODAY):
        assert offer(number) == now[2]
    assert said(here, "assess") == [("assess", {"refusal": "not_wanted_yet", "evidence": ""})]
    with being(now[0]):
        withdraw(now[2])
    with acting("director", here, on_date=TODAY), pytest.raises(NotNext, match="Nobody in this list"):
        offer(number)
    assert state(later[2]) == "waiting"


def test_a_no_goes_to_the_end_of_ones_points_and_the_second_ends_it(centres, three, offered, being):
    here, (first, second, third) = centres[0], three
    offered(here)
    with being(first[0]):
        decline(first[2])
    assert order(here) == [second[2], third[2], first[2]]
    assert state(first[2]) == "waiting"
    for one in (second, third):
        with being(one[0]):
            withdraw(one[2])
    offered(here)
    with being(first[0]):
        decline(first[2])
        with pytest.raises(NotOffered):
            decline(first[2])
    assert (state(first[2]), order(here)) == ("declined", [])
    assert said(here, "decline") == [("decline", {"then": "back"}), ("decline", {"then": "out"})]


def test_silence_is_a_no_and_papers_that_never_come_end_it(centres, three, offered, being, acting):
    here, (first, second, third) = centres[0], three
    assert [offered(here), offered(here)] == [first[2], second[2]]
    with being(second[0]):
        accept(second[2])
    for day, ended in ((3, 0), (4, 1), (7, 0), (8, 1), (9, 0)):
        with access.asking(), scopes.system("the nightly job", on_date=TODAY + timedelta(days=day)):
            assert expire_offers(TODAY + timedelta(days=day)) == ended, day
            db.session.commit()
    assert (state(first[2]), state(second[2])) == ("waiting", "expired")
    assert order(here) == [third[2], first[2]]
    with acting("director", here, on_date=TODAY + timedelta(days=10)):
        assert [one.state for one in places.vacancies(here)] == ["open", "open"], "both places are free for the next"


def test_an_answer_after_the_last_day_is_too_late(centres, three, offered, being):
    here, first = centres[0], three[0]
    offered(here)
    with being(first[0], on=TODAY + timedelta(days=4)), pytest.raises(NotOffered, match="its time is over"):
        accept(first[2])
    with being(first[0], on=TODAY + timedelta(days=3)):
        accept(first[2])


def test_withdrawing_gives_an_offered_place_back(centres, three, offered, being, acting):
    here, (first, second, _third) = centres[0], three
    offered(here)
    with being(first[0]):
        withdraw(first[2])
    with acting("director", here, on_date=TODAY):
        (free,) = places.vacancies(here)
        assert free.state == "open"
        assert offer(free.id) == second[2]


@pytest.mark.rule("S1-123")
@pytest.mark.rule("S1-125")
def test_nobody_is_admitted_without_consents_and_papers(centres, apply_for, offered, being, acting, documents_asked):
    here = centres[0]
    account, child, number = apply_for(here, consents=("personal_data",))
    offered(here)
    with acting("director", here, on_date=TODAY):
        accept(number)
        with pytest.raises(NoConsent, match="first aid"):
            admit(number)
    with being(account):
        consent(db.session.get(Child, child), "first_aid")
        db.session.commit()
    with acting("director", here, on_date=TODAY):
        with pytest.raises(NoPapers, match="Papers are missing"):
            admit(number, seen=("family_relation", "vaccination"))
        admit(number, seen=("family_relation", "vaccination", "resident_register", "nonsense"))
        assert db.session.get(Application, number).papers_seen == ["family_relation", "resident_register", "vaccination"]


@pytest.mark.rule("S1-112")
def test_places_are_those_the_district_approved_and_nobody_takes_more(centres, acting, world):
    here = centres[0]  # approved for 20
    with acting("director", here, on_date=TODAY):
        first = set_places(here, 2026, 1, places=12, held=10)
        assert set_places(here, 2026, 1, places=12, held=11) == first
        with pytest.raises(BadPlaces, match="approved for 20"):
            set_places(here, 2026, 2, places=9, held=0)
        with pytest.raises(BadPlaces, match="of these"):
            set_places(here, 2026, 2, places=3, held=4)
        set_places(here, 2026, 2, places=8, held=0)
        number = open_vacancy(first, TODAY)
        with pytest.raises(BadPlaces, match="No place of this class is free"):
            open_vacancy(first, TODAY)
        with pytest.raises(BadPlaces, match="12 places are taken"):
            set_places(here, 2026, 1, places=11, held=11)
        for day in (TODAY - timedelta(days=1), date(2027, 3, 1)):
            with pytest.raises(BadPlaces, match="within the school year"):
                open_vacancy(first, day)
        close_vacancy(number)
        with pytest.raises(BadPlaces):
            close_vacancy(number)
        open_vacancy(first, TODAY)
        with pytest.raises(NotFound):
            open_vacancy(first + 999, TODAY)
    with acting("director", centres[1], on_date=TODAY), pytest.raises((Forbidden, NotFound)):
        open_vacancy(first, TODAY)
    assert [facts["places"] for kind, facts in said(here, "capacity")] == [2, 1, 8]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into enrollment.vacancy (facility_id, class_group_id, list_name, starts_on) "
        "select facility_id, id, 'x', '2026-03-02' from enrollment.class_group",
        "update enrollment.class_group set places = 0",
        "update enrollment.class_group set taken = 5",
        "update enrollment.vacancy set state = 'open' where state = 'closed'",
    ],
)
def test_raw_sql_oversells_nothing(centres, acting, sql):
    here = centres[0]
    with acting("director", here, on_date=TODAY):
        group = set_places(here, 2026, 1, places=1, held=0)
        close_vacancy(open_vacancy(group, TODAY))
        open_vacancy(group, TODAY)
    with scopes.system("oversell"), pytest.raises(sa.exc.IntegrityError, match="ck_class_group_places"):
        db.session.execute(sa.text(sql))


@pytest.mark.rule("S2-02")
@pytest.mark.slow
def test_fifty_at_once_open_and_offer_the_last_place(app, centres, apply_for, acting):
    """One gets through, the others hear why; nothing stands twice."""
    here = centres[0]
    for name in ("하나", "둘리", "세찬"):
        apply_for(here, name)
    with acting("director", here, on_date=TODAY):
        group = set_places(here, 2026, 1, places=1, held=0)

    def one(_number):
        try:
            with app.app_context(), acting("director", here, on_date=TODAY):
                return offer(open_vacancy(group, TODAY))
        except Refusal as refused:
            return refused.code

    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(one, range(50)))
    mark_dirty()
    assert {one for one in got if isinstance(one, str)} == {"enrollment.bad-places"}
    assert sum(isinstance(one, int) for one in got) == 1
    with scopes.system("look"):
        assert db.session.scalar(sa.select(ClassGroup.taken)) == 1
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Vacancy)) == 1
        assert db.session.scalar(sa.select(sa.func.count()).where(Application.state == "offered")) == 1


def test_the_beginning_of_a_later_year_has_its_own_list(centres, apply_for, being):
    here = centres[0]
    account, child, _number = apply_for(centres[1])
    with being(account):
        apply(child, here, wanted_from=date(2027, 3, 2))
    assert [one.facts["list"] for one in steps(here) if one.kind == "apply"] == [f"F-{here}/new-year-2027-2"]
