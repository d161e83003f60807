"""What people type by mistake or in malice: refused with one clear error, shown as text, nothing half-written."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.security import scope as scopes
from modules.families.models import Child, Family, Guardian
from modules.families.services import found
from modules.families.services.persons import BadPerson
from tests.modules.families.test_pages import BEGIN, entered

__all__ = ["entered"]

SCRIPT = '<script>alert("1")</script><img src=x onerror=alert(1)>'


def count(model):
    with scopes.system("look"):
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))


@pytest.mark.rule("S1-233")
@pytest.mark.parametrize("typed", ["010-1234", "010-1234-56789", "00000000000", "+82 99 1", "٠١٠١٢٣٤٥٦٧٨x", "+48 600 100 20"])
def test_a_number_nobody_can_have_is_refused(parent, being, typed):
    with being(parent()), pytest.raises(BadPerson, match="Nobody can have"):
        found(name="김지영", relation_to_child="mother", phone=typed)
    assert count(Family) == 0


@pytest.mark.parametrize("typed", ["010-1234-5678", "02-731-2120", "+48 600 100 200", "(02) 2133-5678", ""])
def test_a_number_somebody_can_have_stays_as_typed(parent, being, typed):
    with being(parent()):
        found(name="김지영", relation_to_child="mother", phone=typed)
    with scopes.system("look"):
        assert db.session.scalar(sa.select(Guardian.phone)) == typed


def test_a_name_of_five_megabytes_is_refused_before_it_is_read(entered, world):
    person = entered("parent", world.district, "mother")
    answer = person.post("/my/family", {**BEGIN, "name": "가" * 1_700_000})
    assert answer.status_code == 413
    assert "가가가" not in answer.text and len(answer.text) < 100_000, "nothing of it comes back"
    assert count(Family) == 0
    assert person.post("/my/family", BEGIN).status_code == 302, "the next try works"


def test_a_name_beyond_all_names_says_so_beside_the_field(entered, world):
    person = entered("parent", world.district, "mother")
    answer = person.post("/my/family", {**BEGIN, "name": "가" * 101})
    assert answer.status_code == 422 and "at most 100" in answer.text
    assert count(Family) == 0


def test_script_in_every_field_is_shown_as_text(entered, world):
    """Every text field of the family's pages, then every page that shows it."""
    person = entered("parent", world.district, "mother")
    assert person.post("/my/family", {**BEGIN, "name": f"A {SCRIPT}"[:100], "postal": SCRIPT}).status_code == 302
    made = person.post("/my/family/children/new", {"name": SCRIPT, "born_on": "2024-05-04"})
    page = made.headers["Location"]
    person.post(f"{page}/collectors", {"name": SCRIPT, "phone": "010-1234-5678", "relation": SCRIPT})
    person.post("/my/family/data/requests", {"kind": "correct", "text": SCRIPT})
    with scopes.system("look"):
        child = db.session.scalar(sa.select(Child))
        assert child is not None and child.name == SCRIPT, "kept as typed"
    for address in ("/my/family", page, "/my/family/data", f"{page}/erase"):
        text = person.get(address).text
        assert "&lt;script&gt;" in text, address
        assert "<script>alert" not in text and "<img src=x" not in text, address
        assert not re.search(r"<(?:[^>\"]|\"[^\"]*\")*\sonerror=", text), address  # outside of quoted values


@pytest.mark.parametrize("field", ["name", "relation", "phone", "email"])
def test_each_wrong_field_is_said_once_and_the_rest_stays(entered, world, field):
    person = entered("parent", world.district, "mother")
    wrong = {"name": " ", "relation": "king", "phone": "x" * 400, "email": "@"}
    answer = person.post("/my/family", {**BEGIN, field: wrong[field]})
    assert answer.status_code == 422
    kept = next(one for one in ("phone", "name") if one != field)
    assert f'value="{BEGIN[kept]}"' in answer.text, "what was right stays"
    assert count(Family) == 0
