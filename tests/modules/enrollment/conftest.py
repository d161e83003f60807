"""Families, centres with a rule of admission, and people who work there."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from core.db.base import db
from core.regions.policies import PolicyOverride
from core.security import access
from core.security import scope as scopes
from modules.facilities.models import Facility
from tests.modules.families.conftest import TODAY, _korea, being, family, parent

__all__ = ["TODAY", "_korea", "being", "family", "parent"]

PACKS = Path(__file__).parents[3] / "plugins"
VALUE = tomllib.loads((PACKS / "kr_seoul" / "policies" / "enrollment.toml").read_text())["policy"][0]["value"]


@pytest.fixture
def centres(world):
    """Four centres of two districts under Seoul's rule of admission."""
    numbers = [*world.facilities, *world.neighbors]
    with access.asking(), scopes.system("centres for a test"):
        for number in numbers:
            db.session.add(
                Facility(
                    id=number, region_no=number // 10**7 * 10**7, code=f"F-{number}", register="test",
                    register_no=str(number), name=f"Centre {number}", search_text="", name_sort=str(number), kind="PRIVATE",
                    status="open", published=True, capacity=20, enrolled=10,
                )
            )  # fmt: skip
        db.session.add(
            PolicyOverride(
                key="enrollment.admission.daycare", value=VALUE, valid_from=date(2020, 1, 1), legal_basis="test",
                status="confirmed", place_no=world.city,
            )
        )  # fmt: skip
        db.session.commit()
    return numbers


@pytest.fixture
def documents_asked(world):
    """Seoul's papers are asked for in the first city."""
    value = tomllib.loads((PACKS / "kr_seoul" / "policies" / "enrollment.toml").read_text())["policy"][1]["value"]
    with scopes.system("papers for a test"):
        db.session.add(
            PolicyOverride(
                key="enrollment.papers.asked", value=value, valid_from=date(2020, 1, 1), legal_basis="test", status="confirmed",
                place_no=world.city,
            )
        )  # fmt: skip
        db.session.commit()


@pytest.fixture
def apply_for(parent, being):
    """A new family applies: `apply_for(centre, "one_parent", name=…)` gives (account, child, application)."""
    from modules.enrollment.services import apply
    from modules.families.models import Child, Family
    from modules.families.services import add_child, consent, found

    def make(centre, name="아이", born=date(2024, 5, 4), consents=("personal_data", "first_aid")):
        account = parent(name)
        with being(account):
            number = found(name=f"{name} 엄마", relation_to_child="mother", phone="010-1234-5678")
            child = add_child(db.session.get(Family, number), name=name, born_on=born).id
            for purpose in consents:
                consent(db.session.get(Child, child), purpose)
            db.session.commit()
            return account, child, apply(child, centre, wanted_from=TODAY)

    return make


@pytest.fixture
def vacancy(acting):
    """A free place from TODAY: `vacancy(centre, age=1)` gives its number; classes get places as they are needed."""
    from modules.enrollment.services import open_vacancy, places, set_places

    def make(centre, age=1, starts=TODAY):
        with acting("director", centre, on_date=TODAY):
            group = places.class_of(centre, 2026 if TODAY.month >= 3 else 2025, age)
            if group is None or group.free < 1:
                held = group.held if group else 0
                set_places(centre, 2026 if TODAY.month >= 3 else 2025, age, places=(group.places if group else 0) + 1, held=held)
                group = places.class_of(centre, 2026 if TODAY.month >= 3 else 2025, age)
            return open_vacancy(group.id, starts)

    return make


@pytest.fixture
def offered(acting, vacancy):
    """The next in line is offered a place: `offered(centre, age=1)` gives the application."""
    from modules.enrollment.services import offer

    def make(centre, age=1):
        number = vacancy(centre, age)
        with acting("director", centre, on_date=TODAY):
            return offer(number)

    return make


@pytest.fixture
def admitted(acting, offered):
    """An application, the next in line, goes all the way: `admitted(application, centre, age=1)`."""
    from modules.enrollment.services import accept, admit

    def make(application, centre, age=1):
        assert offered(centre, age) == application, "somebody else comes first"
        with acting("director", centre, on_date=TODAY):
            accept(application)
            admit(application, seen=("family_relation", "resident_register", "vaccination"))

    return make
