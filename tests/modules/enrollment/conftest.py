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
