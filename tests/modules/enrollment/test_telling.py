"""What enrollment tells a family about itself: takeout, days, and what keeps a child's data."""

from __future__ import annotations

from datetime import date

import pytest

from core.db.base import db
from modules.enrollment.models import Entry
from modules.enrollment.services import apply, claim, withdraw
from modules.families.models import Child, Family
from modules.families.services import add_child, erase, mine
from modules.families.services.erasing import Held, holds
from modules.families.services.takeout import days_of, tables_of
from tests.modules.enrollment.conftest import TODAY


def table(name):
    return next(one for one in tables_of(mine()) if one.name == name)


@pytest.mark.rule("E-18")
def test_the_takeout_tells_of_applications_claims_and_steps(apply_for, being, centres):
    account, child, application = apply_for(centres[0])
    apply_for(centres[0], name="다른 아이")
    with being(account):
        claim(child, "one_parent", facility_id=centres[0])
        rows = table("applications").rows
        assert [(row[1], row[4], row[6]) for row in rows] == [("아이", "Waiting", 1)]
        pseudonym = rows[0][-1]
        assert [row[0] for row in table("claims").rows] == ["아이"]
        assert {row[1] for row in table("steps").rows} == {pseudonym}
        withdraw(application)
        assert table("steps").rows[-1][-1] == "withdrawn by the family"


@pytest.mark.rule("E-18")
def test_the_days_of_a_family_and_the_last_day_to_tell_a_birth(apply_for, being, centres, admitted):
    account, _child, application = apply_for(centres[0])
    with being(account):
        unborn = add_child(db.session.get(Family, mine().id), name="", expected_on=date(2026, 6, 1)).id
        db.session.commit()
        other = apply(unborn, centres[0], wanted_from=date(2027, 3, 1))
        found = {one.key: one.on for one in days_of(mine())}
    assert found == {
        f"application-{application}": TODAY, f"application-{other}": date(2027, 3, 1), f"birth-{other}": date(2026, 7, 31),
    }  # fmt: skip
    admitted(application, centres[0])
    with being(account):
        assert "begins at" in next(one for one in days_of(mine()) if one.key == f"application-{application}").title


def test_an_application_keeps_a_child_and_says_until_when(apply_for, being, centres):
    account, child, application = apply_for(centres[0])
    with being(account):
        (said,) = holds(db.session.get(Child, child))
        assert "Withdraw it first" in said
        withdraw(application)
        (said,) = holds(db.session.get(Child, child))
        assert "keeps the application that ended until" in said
        with pytest.raises(Held, match="until"):
            erase(db.session.get(Child, child))
        assert db.session.get(Child, child) is not None


def test_a_strangers_takeout_has_nothing_of_it(apply_for, being, centres):
    apply_for(centres[0])
    other, _child, _application = apply_for(centres[1], name="둘째 집")
    with being(other):
        assert len(table("applications").rows) == 1
        mine_only = {row[1] for row in table("steps").rows}
        assert len(mine_only) == 1
        assert db.session.query(Entry).filter(Entry.pseudonym.in_(mine_only)).count() == 1
