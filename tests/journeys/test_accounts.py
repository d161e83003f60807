"""Accounts at a phone with the keyboard alone: registering, contacts, the way back in, unlocking; in three languages."""

from __future__ import annotations

import letters
import people
import pytest
from keys import press, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Fields missing from ruleset"),
]

NAMES = {"ko": "김지영", "pl": "Anna Nowak", "en": "Mary Poe"}
MAIL, NEW, DESK = "anna@example.org", "cztery konie w zimowym ogrodzie", "02-330-1234"


def type_into(page, name, words):
    write(page, f"main [name={name}]", words)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["ko", "pl", "en"])
def test_a_mother_registers_adds_a_contact_and_finds_back_in(at_screen, world, language, width):
    letters.empty()
    mother = at_screen(language, width=width)
    mother.go("/login", f"login-{width}")
    press(mother.page, "a[href='/register']")
    mother.look(f"register-{width}")
    press(mother.page)
    mother.look(f"register-empty-{width}")
    type_into(mother.page, "name", NAMES[language])
    type_into(mother.page, "address", MAIL)
    type_into(mother.page, "password", NEW)
    mother.page.select_option("[name=region]", str(world.district))
    press(mother.page)
    mother.look(f"register-code-{width}")
    type_into(mother.page, "code", letters.code(MAIL))
    press(mother.page)
    mother.look(f"register-done-{width}")
    assert NAMES[language] in mother.page.locator("main").inner_text()

    mother.go("/account", f"account-{width}")
    press(mother.page, "a[href='/account/contacts']")
    mother.look(f"contacts-{width}")
    press(mother.page, "a[href='/account/contacts/new']")
    type_into(mother.page, "address", "+82 10 1234 5678")
    press(mother.page)
    mother.look(f"contact-confirm-{width}")
    type_into(mother.page, "code", letters.code("5678"))
    press(mother.page)
    mother.look(f"contacts-two-{width}")
    assert "+82 10-1234-5678" in mother.page.locator("main").inner_text()
    press(mother.page, "tbody tr:last-child a[href$='/remove']")
    mother.look(f"contact-remove-{width}")

    other = at_screen(language, width=width)
    other.go("/login")
    press(other.page, "a[href='/reset']")
    other.look(f"reset-{width}")
    type_into(other.page, "login", MAIL)
    type_into(other.page, "proof", "5678")
    press(other.page)
    other.look(f"reset-sent-{width}")
    other.go(letters.link("reset.link"), f"choose-{width}")
    type_into(other.page, "password", NEW + " 2")
    type_into(other.page, "password_confirm", NEW + " 2")
    press(other.page)
    type_into(other.page, "username", "+821012345678")
    type_into(other.page, "password", NEW + " 2")
    press(other.page, "form[name=login_user_form] button[type=submit]")
    other.page.wait_for_url("**/office/**")


@pytest.mark.parametrize("language", ["ko", "pl", "en"])
def test_a_locked_director_unlocks_with_the_centres_telephone(at_screen, world, language):
    from core.security import contacts

    letters.empty()
    jan = people.make("jan", "director", people.centre(world, phone=DESK), name="Jan", language=language)
    contacts.confirm(jan, contacts.add(jan, "jan@example.org"), letters.code("jan@example.org"))
    people.run("update core.account set failed_logins = 9, locked_until = now() + interval '14 minutes'")
    jan = at_screen(language, width=390)
    page = jan.go("/reset")
    page.locator("input[value=unlock]").focus()
    page.keyboard.press("Space")
    type_into(page, "login", "jan")
    type_into(page, "proof", DESK)
    press(page)
    jan.look()
    jan.go(letters.link("unlock.link"), "unlock")
    press(page)
    jan.look("unlocked")
    jan.sign_in("jan")


@pytest.mark.parametrize("language", ["ko", "pl", "en"])
def test_a_storm_of_strangers_keeps_nobody_out_for_long(at_screen, world, language):
    """Twelve wrong passwords in a row: the right one waits at most fifteen minutes, is told so, and then simply works."""
    people.make("jan", "director", people.centre(world, phone=DESK), name="Jan", language=language)
    stranger = at_screen(language, width=390)
    for _n in range(12):
        page = stranger.go("/login")
        type_into(page, "username", "jan")
        type_into(page, "password", "a guess like any other")
        press(page, "form[name=login_user_form] button[type=submit]")
    [(wait,)] = people.run("select extract(epoch from locked_until - now()) from core.account where login = 'jan'")
    assert 0 < wait <= 15 * 60

    jan = at_screen(language, width=390)
    page = jan.go("/login")
    type_into(page, "username", "jan")
    type_into(page, "password", people.PASSWORD)
    press(page, "form[name=login_user_form] button[type=submit]")
    jan.look("locked-out")
    assert "15" in page.locator("main").inner_text(), "how long at most"
    assert page.locator("main a[href='/reset']").count() == 1, "and the way in without waiting"
    people.run("update core.account set locked_until = locked_until - interval '15 minutes' where login = 'jan'")
    jan.sign_in("jan")
