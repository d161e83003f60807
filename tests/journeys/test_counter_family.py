"""A family a counter registered meets its guardian online: told to confirm a contact first, then offered, then taken over."""

from __future__ import annotations

from datetime import date

import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from core.security import access, contacts
from core.security import scope as scopes
from core.security.accounts import Account
from core.security.addresses import Address

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Fields missing from ruleset"),
]


@pytest.fixture
def registered(centre):
    """A family that came to the counter with a child."""
    from modules.families.services import register_child
    from modules.families.services.counter import Desk

    district, number = centre
    people.make("desk", "front_desk", number)
    desk = scopes.Scope("user", "desk", role="front_desk", place=number, facilities=(number,))
    with access.asking(), scopes.use(desk):
        register_child(
            Desk("박서연", date(2024, 5, 4), None, "김지영", "mother", "010-7777-8888"), facility_id=number
        )
    return district


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("ko", 1280), ("pl", 390), ("pl", 1280), ("en", 390), ("en", 1280)])
def test_a_guardian_takes_the_family_of_the_counter_over(app, at_screen, registered, language, width):
    people.make("parent", "parent", registered, language=language)
    parent = at_screen(language, width=width).sign_in("parent")
    page = parent.go("/my/family", f"counter-hint-{width}")
    assert page.locator("main a[href='/account/contacts']").is_visible()
    assert page.locator("section.card").count() == 0

    with scopes.system("a contact of a journey is confirmed"):
        account = db.session.scalar(sa.select(Account).where(Account.login == "parent"))
        contacts.put_confirmed(account, Address("phone", "+821077778888"))
        db.session.commit()
    page = parent.go("/my/family", f"counter-offer-{width}")
    assert "박•연" in page.locator("section.card").inner_text()
    assert "해님어린이집" in page.locator("section.card").inner_text()
    button = page.locator("section.card button")
    assert button.bounding_box()["height"] >= 44
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    parent.look(f"counter-taken-{width}")
    assert "박서연" in page.locator("main").inner_text()


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("ko", 1280), ("pl", 390), ("pl", 1280), ("en", 390), ("en", 1280)])
def test_an_officer_compares_two_records(app, at_screen, registered, language, width):
    from core.jobs.delivery import drain
    from modules.families.models import Family
    from modules.families.services import add_child, found

    account = people.make("father", "parent", registered)
    father = scopes.Scope("user", "father", role="parent", account_id=account, place=registered)
    with access.asking(), scopes.use(father):
        family = found(name="박민수", relation_to_child="father", phone="010-2222-3333")
        add_child(db.session.get_one(Family, family), name="Park Seo-yeon", born_on=date(2024, 5, 4))
        db.session.commit()
    drain()
    people.make("officer", "district_officer", registered, language=language)
    officer = at_screen(language, width=width).sign_in("officer")
    page = officer.go("/office/families/likeness/", f"likeness-{width}")
    assert "•••3333" in page.locator("section.card").inner_text()
    page.fill("main input[name=reason]", "asked both families")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    officer.look(f"likeness-decided-{width}")
    assert page.locator("section.card").count() == 0
