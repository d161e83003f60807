"""Out of order only by two officers of two organisations; the turn of the year; why an entry stands where it stands."""

from __future__ import annotations

from datetime import date

import pytest

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import access, approvals
from core.security import scope as scopes
from modules.enrollment.models import Entry
from modules.enrollment.services import apply, expire_offers, explaining, overriding, withdraw
from modules.enrollment.services.explaining import NoList, ahead_of
from modules.enrollment.services.offering import NotNext
from modules.enrollment.services.turning import turn_year
from modules.transparency.replay import Replay
from tests.modules.enrollment.conftest import TODAY
from tests.modules.enrollment.test_services import order, state, steps


def verified():
    """What outsiders' rules say of all leaves so far."""
    from modules.transparency.services import leaves, size

    with scopes.public():
        return Replay().take((leaf.index, leaf.entry) for leaf in leaves(0, size()))


@pytest.mark.rule("S2-17")
def test_out_of_order_only_by_officers_of_two_organisations(centres, apply_for, vacancy, acting, world):
    here = centres[0]
    first, second = apply_for(here, "하나"), apply_for(here, "둘리")
    number = vacancy(here)
    with acting("director", here, on_date=TODAY), pytest.raises(Forbidden):
        overriding.ask(number, second[2], code="court_order", reason="a friend")
    with acting("district_officer", world.district, on_date=TODAY):
        with pytest.raises(NotNext, match="reasons the rules name"):
            overriding.ask(number, second[2], code="friendship", reason="x")
        asked = overriding.ask(number, second[2], code="court_order", reason="decision 2026-77")
        with pytest.raises(approvals.SamePerson):
            approvals.approve(asked, "yes")
    with acting("district_officer", world.district, on_date=TODAY, account_id=901), pytest.raises(overriding.OneOffice):
        approvals.approve(asked, "yes")
    assert state(second[2]) == "waiting"
    with acting("city_officer", world.city, on_date=TODAY, account_id=902):
        approvals.approve(asked, "seen the decision")
        db.session.commit()
    assert (state(second[2]), state(first[2])) == ("offered", "waiting")
    told = next(one.facts for one in steps(here) if one.kind == "override")
    assert told["reason"] == "court_order" and told["first"].partition("/")[0] != told["second"].partition("/")[0]
    found = verified()
    assert found.broken == [] and found.counted[f"F-{here}", "override"] == 1


def test_without_the_override_outsiders_see_a_violation(centres, apply_for, vacancy, acting):
    """The control: the same offer past the services is noticed by everybody."""
    from modules.enrollment.models import Application, Vacancy
    from modules.enrollment.services.offering import place_offered

    here = centres[0]
    apply_for(here, "하나")
    second = apply_for(here, "둘리")
    number = vacancy(here)
    with access.asking(), scopes.system("a favor", on_date=TODAY):
        place_offered(db.session.get_one(Vacancy, number), db.session.get_one(Application, second[2]))
        db.session.commit()
    assert [rule for _index, rule in verified().broken] == ["somebody else came first"]


def test_the_year_turns_and_nobody_loses_a_place(centres, apply_for, admitted, being):
    here = centres[0]
    waits, goes, old = apply_for(here, "하나"), apply_for(here, "둘리"), apply_for(here, "노인", born=date(2020, 1, 1))
    with being(waits[0]):
        later = apply(waits[1], centres[1], wanted_from=date(2027, 3, 2))
    third = apply_for(here, "세찬")
    with being(goes[0]):
        withdraw(goes[2])
    for day, moved in ((date(2027, 2, 28), 0), (date(2027, 3, 1), 5), (date(2027, 3, 2), 0)):
        with access.asking(), scopes.system("the nightly job", on_date=day):
            assert turn_year(day) == moved - (1 if moved else 0)
            db.session.commit()
    with access.asking(), scopes.public():
        names = {entry.application_id: entry.list_name for entry in db.session.query(Entry)}
    assert names[waits[2]] == names[third[2]] == f"F-{here}/rolling-2"
    assert names[later] == f"F-{centres[1]}/rolling-2"
    assert order(here, 2) == [waits[2], third[2]]
    assert state(old[2]) == "expired"
    assert verified().broken == []


@pytest.mark.rule("E-02")
@pytest.mark.rule("S2-14")
def test_why_an_entry_stands_where_it_stands(centres, apply_for, being, acting, vacancy):
    from modules.enrollment.services import claim, offer, verify

    here = centres[0]
    rows = [apply_for(here, name) for name in ("하나", "둘리", "세찬")]
    with being(rows[2][0]):
        number = claim(rows[2][1], "one_parent", facility_id=here)
    with acting("director", here, on_date=TODAY):
        verify(number, proven=True, note="seen", facility_id=here)
        pseudonym = db.session.query(Entry).filter_by(application_id=rows[1][2]).one().pseudonym
        found = explaining.explained(pseudonym)
    assert (found["rank"], found["of"], found["points"], found["ahead"]) == (3, 3, 0, {"1+3": 2})
    assert [(move["from"], move["to"], move["reason"]) for move in found["history"]] == [(None, 2, "apply"), (2, 3, "assess")]
    free = vacancy(here)
    with acting("director", here, on_date=TODAY):
        offer(free)
        found = explaining.explained(pseudonym)
    assert [(move["from"], move["to"], move["own"]) for move in found["history"]][-1] == (3, 2, False)
    with being(rows[0][0]), pytest.raises(NotFound):
        explaining.explained(pseudonym)
    with access.asking(), scopes.public():
        with pytest.raises(Forbidden):
            explaining.explained(pseudonym)
        listed = explaining.shown(f"F-{here}")
        assert [one["rank"] for one in listed["entries"]] == [1, 2]
        assert listed["entries"][1]["entry"] == pseudonym and listed["entries"][1]["leaf"] == 2
        with pytest.raises(NoList, match="rolling-1"):
            explaining.shown(f"F-{here}", "rolling-9")
        with pytest.raises(NotFound):
            explaining.shown("F-nowhere")


@pytest.mark.parametrize(
    ("tiers", "said"),
    [([], {}), ([1] * 7, {"1": 7}),
     ([1] * 7 + [2] * 3 + [3] * 9, {"1+2": 10, "3": 9}), ([1, 2, 3], {"1+2+3": 3}), ([1] * 5 + [3] * 5, {"1": 5, "3": 5})],
)  # fmt: skip
def test_no_cell_of_fewer_than_five_is_told(tiers, said):
    assert ahead_of(tiers) == said


def test_the_unanswered_offer_ends_in_the_log_too(centres, apply_for, offered):
    apply_for(centres[0])
    offered(centres[0])
    with access.asking(), scopes.system("the nightly job", on_date=date(2026, 5, 1)):
        expire_offers(date(2026, 5, 1))
        db.session.commit()
    assert verified().broken == []


@pytest.mark.rule("S2-16")
def test_a_new_rule_is_announced_before_it_holds_and_then_judges_everybody(centres, apply_for, being, acting, world):
    """Nobody's points change by a rule nobody saw coming; the order after it is the one outsiders replay."""
    from core.regions.policies import PolicyOverride
    from modules.enrollment.jobs import rules_change
    from modules.enrollment.services import claim, verify
    from tests.modules.enrollment.conftest import VALUE

    here = centres[0]
    first, second = apply_for(here, "하나"), apply_for(here, "둘리")
    for one, code in ((first, "one_parent"), (second, "both_working")):
        with being(one[0]):
            number = claim(one[1], code, facility_id=here)
        with acting("director", here, on_date=TODAY):
            verify(number, proven=True, note="seen", facility_id=here)
    assert order(here) == [second[2], first[2]]
    items = [{**item, "points": 500} if item["code"] == "one_parent" else item for item in VALUE["items"]]
    with access.asking(), scopes.system("the city decides"):
        db.session.query(PolicyOverride).update({"valid_to": date(2026, 3, 31)})
        db.session.add(
            PolicyOverride(
                key="enrollment.admission.daycare", value={**VALUE, "items": items}, valid_from=date(2026, 4, 1), legal_basis="test",
                status="confirmed", place_no=world.city,
            )
        )  # fmt: skip
        db.session.commit()
    orders = {}
    for day in (date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 2)):
        with access.asking(), scopes.system("the nightly job", on_date=day):
            rules_change(day)
            db.session.commit()
        orders[day.day] = order(here)
    assert orders == {30: [second[2], first[2]], 31: [second[2], first[2]], 1: [first[2], second[2]], 2: [first[2], second[2]]}
    said = [(one.kind, one.facts["on"], one.facts.get("from", one.facts.get("points"))) for one in steps(here) if one.index > 4]
    assert said == [("rule", "2026-03-31", "2026-04-01"), ("assess", "2026-04-01", 500)]
    assert verified().broken == []
