"""Applications and their lists: the worked cases W1 to W10 on real tables, and every refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import NotFound
from core.security import access
from core.security import scope as scopes
from core.testing import ModuleContract, mark_dirty
from modules.enrollment.models import Application, Claim, Entry
from modules.enrollment.services import (
    apply,
    apply_at_counter,
    claim,
    expire_unborn,
    listed,
    standing,
    take_back,
    verify,
    withdraw,
)
from modules.enrollment.services.admitting import judge_siblings
from modules.enrollment.services.applying import CannotApply
from modules.enrollment.services.claims import BadClaim
from modules.enrollment.services.ending import NotWaiting
from modules.enrollment.services.policy import NoRule
from modules.families.models import Child, Family
from modules.families.services import add_child, born, register_child
from modules.transparency import api as log
from tests.modules.enrollment.conftest import TODAY
from tests.modules.families.test_services import DESK


class TestEnrollment(ModuleContract):
    module = "enrollment"


def state(number):
    with scopes.system("look at what a test did"):
        return db.session.get_one(Application, number).state


def steps(centre):
    """The leaves about a centre, oldest first."""
    with scopes.public():
        return log.steps(centre)[::-1]


def order(centre, age=1):
    """The applications of a list in its order, as a visitor reads it."""
    with access.asking(), scopes.public():
        return [entry.application_id for entry in listed(centre, f"F-{centre}/rolling-{age}")]


@pytest.fixture
def prove(acting, world):
    """A claim is made by the family and verified by the director of the centre."""

    def _prove(being, account, child, centre, *codes):
        for code in codes:
            with being(account):
                number = claim(child, code, facility_id=centre)
            with acting("director", centre, on_date=TODAY):
                verify(number, proven=True, note="papers seen", facility_id=centre)

    return _prove


@pytest.mark.rule("S2-14")
@pytest.mark.rule("S2-08")
def test_points_order_a_list_and_arrival_those_of_equal_points(centres, apply_for, being, prove):
    here = centres[0]
    w1, w2, w3, w4, w5, none = (apply_for(here, name) for name in ("하나", "둘리", "세찬", "네모", "다섯", "여섯"))
    prove(being, w1[0], w1[1], here, "both_working")
    prove(being, w2[0], w2[1], here, "both_working", "three_children")
    prove(being, w3[0], w3[1], here, "one_parent", "multicultural")
    prove(being, w4[0], w4[1], here, "three_children")
    prove(being, w5[0], w5[1], here, "adopted")
    assert order(here) == [w2[2], w1[2], w3[2], w4[2], w5[2], none[2]]
    with being(w4[0]):
        mine = standing(db.session.get(Application, w4[2]))
        assert (mine.place, mine.waiting, mine.ahead) == (4, 6, ((1, 700, 1), (1, 200, 2)))
        assert [(line.code, line.points) for line in mine.judged.lines] == [("three_children", 200)]


def test_a_claim_counts_once_it_is_proven_and_no_longer_when_taken_back(centres, apply_for, being, acting):
    here = centres[0]
    first, second = apply_for(here, "하나"), apply_for(here, "둘리")
    with being(second[0]):
        number = claim(second[1], "one_parent", facility_id=here)
        assert claim(second[1], "one_parent", facility_id=here) == number
        mine = standing(db.session.get(Application, second[2]))
        assert (mine.place, mine.judged.points, mine.judged.provisional) == (2, 0, 100)
    assert order(here) == [first[2], second[2]]
    with acting("director", here, on_date=TODAY):
        with pytest.raises(BadClaim, match="which evidence"):
            verify(number, proven=True, note=" ", facility_id=here)
        verify(number, proven=True, note="certificate", facility_id=here)
    assert order(here) == [second[2], first[2]]
    with being(second[0]):
        take_back(number)
    assert order(here) == [first[2], second[2]]
    with acting("director", here, on_date=TODAY), pytest.raises(BadClaim, match="no longer"):
        verify(number, proven=True, note="again", facility_id=here)
    assert [one.kind for one in steps(here)] == ["rule", "apply", "apply", "assess", "assess"]


def test_a_child_waits_at_three_centres_and_an_admitted_one_at_two(centres, apply_for, being, admitted):  # W6, W7
    account, child, first = apply_for(centres[0])
    with being(account):
        assert apply(child, centres[0], wanted_from=TODAY) == first  # a double click
        second, third = (apply(child, number, wanted_from=TODAY) for number in centres[1:3])
        with pytest.raises(CannotApply, match="at 3 centres at most"):
            apply(child, centres[3], wanted_from=TODAY)
    admitted(first, centres[0])
    assert [state(number) for number in (first, second, third)] == ["admitted", "elsewhere", "elsewhere"]  # W8
    with being(account):
        with pytest.raises(CannotApply, match="admitted to this centre"):
            apply(child, centres[0], wanted_from=TODAY)
        for number in centres[1:3]:
            apply(child, number, wanted_from=TODAY)
        with pytest.raises(CannotApply, match="at 2 centres at most"):
            apply(child, centres[3], wanted_from=TODAY)


def test_admission_elsewhere_moves_the_others_up_and_says_why(centres, apply_for, being, admitted):  # W8
    account, child, first = apply_for(centres[0], "하나")
    with being(account):
        elsewhere = apply(child, centres[1], wanted_from=TODAY)
    below = apply_for(centres[1], "둘리")
    assert order(centres[1]) == [elsewhere, below[2]]
    admitted(first, centres[0])
    assert order(centres[1]) == [below[2]]
    last = steps(centres[1])[-1]
    assert (last.kind, last.facts["reason"]) == ("withdraw", "elsewhere")


@pytest.mark.rule("S1-214")
@pytest.mark.rule("S1-215")
def test_withdrawing_is_easy_and_applying_again_costs_nothing(centres, apply_for, being):
    here = centres[0]
    account, child, first = apply_for(here, "하나")
    other = apply_for(here, "둘리")
    with being(account):
        withdraw(first)
        with pytest.raises(NotWaiting):
            withdraw(first)
        again = apply(child, here, wanted_from=TODAY)
        assert again != first
    assert order(here) == [other[2], again]


@pytest.mark.parametrize(
    "change",
    [
        "update enrollment.entry set arrival = arrival - 1", "update enrollment.entry set pseudonym = 'x'",
        "update enrollment.entry set cohort = 0",
    ],
)  # fmt: skip
def test_the_order_of_arrival_is_not_changed_by_anybody(centres, apply_for, change):  # W9
    apply_for(centres[0])
    with scopes.system("try to change a list"), pytest.raises(sa.exc.IntegrityError, match="never changed"):
        db.session.execute(sa.text(change))


def test_a_director_changes_no_list_by_hand(centres, apply_for, acting):
    apply_for(centres[0])
    with acting("director", centres[0], on_date=TODAY), pytest.raises(sa.exc.IntegrityError, match="never changed"):
        db.session.execute(sa.text("update enrollment.entry set arrival = arrival - 1"))


def test_an_unborn_child_keeps_its_time_and_ends_when_nobody_tells(centres, family, being):  # W10
    account, number, _child = family
    with being(account):
        ours = db.session.get(Family, number)
        told, untold = (add_child(ours, name="", expected_on=date(2026, 5, 1), multiple=True).id for _n in range(2))
        db.session.commit()
        kept, lost = (apply(child, centres[0], wanted_from=TODAY) for child in (told, untold))
    with being(account, on=date(2026, 5, 20)):
        born(db.session.get(Child, told), name="박하준", born_on=date(2026, 5, 1))
        db.session.commit()
    for day, ended in ((date(2026, 6, 30), 0), (date(2026, 7, 1), 1), (date(2026, 7, 2), 0)):
        with access.asking(), scopes.system("the nightly job", on_date=day):
            assert expire_unborn(day) == ended
            db.session.commit()
    assert (state(kept), state(lost)) == ("waiting", "expired")
    with being(account, on=date(2026, 7, 2)), pytest.raises(CannotApply, match="tell the birth"):
        apply(untold, centres[0], wanted_from=date(2026, 9, 1))


def test_a_sibling_who_attends_counts_without_a_claim(centres, apply_for, being, admitted):
    here = centres[0]
    other = apply_for(here, "다른")
    account, child, first = apply_for(here, "하나", born=date(2023, 5, 4))
    with being(account):
        ours = db.session.get(Child, child).family
        younger = add_child(ours, name="둘리", born_on=date(2024, 6, 1)).id
        db.session.commit()
        waits = apply(younger, here, wanted_from=TODAY)
        with pytest.raises(BadClaim, match="not claimed here"):
            claim(younger, "sibling_attending", facility_id=here)
    assert order(here) == [other[2], waits]
    admitted(first, here, age=2)
    with access.asking(), scopes.system("the worker"):
        judge_siblings(first)
        db.session.commit()
    assert order(here) == [waits, other[2]]


@pytest.mark.rule("S1-126")
def test_the_counter_applies_with_the_same_rights(centres, apply_for, acting):
    here = centres[0]
    first = apply_for(here, "하나", born=date(2023, 1, 2))
    with acting("front_desk", here, on_date=TODAY):
        child = register_child(DESK, facility_id=here)
        number = apply_at_counter(child, here, wanted_from=TODAY)
        assert apply_at_counter(child, here, wanted_from=TODAY) == number
        assert claim(child, "one_parent", facility_id=here)
        with pytest.raises(NotFound):
            apply_at_counter(child, centres[1], wanted_from=TODAY)
        with pytest.raises(NotFound):
            apply_at_counter(first[1] + 999, here, wanted_from=TODAY)
    assert order(here, 2) == [first[2], number]
    with acting("front_desk", here, on_date=TODAY):
        withdraw(number)
    assert order(here, 2) == [first[2]]


def test_without_a_rule_for_its_kind_nobody_applies(centres, apply_for, being):
    account, child, _number = apply_for(centres[0])
    with access.asking(), scopes.system("a rule for daycare only"):
        db.session.execute(sa.text("update core.policy_override set kinds = '[\"HOME\"]'"))
        db.session.commit()
    with being(account), pytest.raises(NoRule, match="Ask the centre"):
        apply(child, centres[1], wanted_from=TODAY)


def test_a_closed_centre_takes_no_applications(centres, apply_for, being):
    account, child, _number = apply_for(centres[0])
    with access.asking(), scopes.system("close a centre"):
        db.session.execute(sa.text("update facilities.facility set status = 'closed' where id = :id"), {"id": centres[1]})
        db.session.commit()
    with being(account), pytest.raises(CannotApply, match="takes no children"):
        apply(child, centres[1], wanted_from=TODAY)


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2031, 1, 1)])
def test_a_day_must_be_possible(centres, apply_for, being, day):
    account, child, _number = apply_for(centres[0])
    with being(account), pytest.raises(CannotApply, match="three years"):
        apply(child, centres[1], wanted_from=day)


def test_strangers_see_pseudonyms_and_nothing_else(centres, apply_for, being, parent, acting):
    account, child, number = apply_for(centres[0])
    with being(account):
        claim(child, "one_parent", facility_id=centres[0])
    with being(parent("Stranger")):
        assert db.session.get(Application, number) is None
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Claim)) == 0
        with pytest.raises(NotFound):
            withdraw(number)
        with pytest.raises(NotFound):
            apply(child, centres[1], wanted_from=TODAY)
        with pytest.raises(NotFound):
            claim(child, "adopted", facility_id=centres[0])
    with acting("director", centres[1], on_date=TODAY):
        assert db.session.get(Application, number) is None
        assert db.session.get(Child, child) is None
    with acting("director", centres[0], on_date=TODAY):
        assert db.session.get(Application, number) is not None
        assert db.session.get(Child, child).name == "아이"
    with access.asking(), scopes.public():
        rows = db.session.execute(sa.text("select * from enrollment.entry")).mappings().all()
        assert len(rows) == 1
        assert "아이" not in str(rows)
        for table in ("application", "claim"):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                db.session.execute(sa.text(f"select * from enrollment.{table}"))
            db.session.rollback()


def test_a_centre_sees_the_child_as_long_as_it_waits(centres, apply_for, being, acting):
    account, child, number = apply_for(centres[0])
    with being(account):
        withdraw(number)
    with acting("director", centres[0], on_date=TODAY):
        assert db.session.get(Child, child) is None


@pytest.mark.slow
def test_sixteen_families_at_once_arrive_one_after_the_other(app, centres, parent, being):
    """No error, no gap, no double: the lock of the list makes the order of arrival."""
    from modules.families.services import found

    made = []
    for n in range(16):
        account = parent(f"P{n}")
        with being(account):
            family = found(name=f"부모 {chr(0xAC00 + n)}", relation_to_child="mother")
            made.append((account, add_child(db.session.get(Family, family), name=f"아이 {chr(0xAC00 + n)}", born_on=date(2024, 5, 4)).id))
            db.session.commit()

    def one(pair):
        with app.app_context(), being(pair[0]):
            return apply(pair[1], centres[0], wanted_from=TODAY)

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(one, made))
    mark_dirty()
    assert len(set(numbers)) == 16
    with access.asking(), scopes.public():
        entries = listed(centres[0], f"F-{centres[0]}/rolling-1")
        assert [entry.arrival for entry in entries] == list(range(1, 17))
    leaves = [one.subject for one in steps(centres[0]) if one.kind == "apply"]
    assert leaves == [entry.pseudonym for entry in entries], "the order of arrival is the order of the leaves"


def test_entries_are_judged_by_the_policy_they_name(centres, apply_for):
    apply_for(centres[0])
    with scopes.system("look"):
        assert db.session.scalar(sa.select(Entry.policy_id)).startswith("override:")
