"""A family applies and is admitted: at a phone with the keyboard alone, in three languages; the same at the counter."""

from __future__ import annotations

import people
import pytest
from keys import press, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Fields missing from ruleset"),
]

FAMILY = {"ko": ("김지영", "박서연", "이수진", "이하은"), "pl": ("Anna Nowak", "Zofia Nowak", "Ewa Lis", "Jan Lis"),
          "en": ("Mary Poe", "Tom Poe", "Ann Low", "Eve Low")}  # fmt: skip


@pytest.mark.rule("S2-26")
@pytest.mark.parametrize("language", ["ko", "pl", "en"])
def test_a_family_applies_and_is_admitted(app, at_screen, centre, language):
    district, number = centre
    mother, child, other_mother, other_child = FAMILY[language]
    people.make("parent", "parent", district, language=language)
    parent = at_screen(language, width=390).sign_in("parent")

    page = parent.go("/my/family", "begin")
    write(page, "#name", mother)
    write(page, "#phone", "010-1234-5678")
    press(page)
    write(page, "#name", child)
    page.fill("#born_on", "2024-05-04")  # what keys do in a field for days depends on the browser's language
    press(page)
    for _n in range(2):  # the two consents care needs; each by itself
        press(page, "section.card form[action*='/consents/'] button.btn-primary")
    parent.look("child")

    page = parent.go("/facilities/F-JOURNEY")
    press(page, "a[href='/apply/F-JOURNEY']")
    page.locator("input[name=child]").focus()
    page.keyboard.press("Space")
    page.fill("#wanted_from", "2027-03-02")
    page.locator("#kept p").wait_for()  # kept before anything is sent
    parent.look("apply")
    press(page)
    page.locator("#claim-one_parent").focus()
    page.keyboard.press("Space")
    page.locator("#kept p").wait_for()
    parent.look("apply-circumstances")
    press(page)
    parent.look("apply-consents")
    press(page)
    parent.look("apply-send")
    press(page)
    assert "1" in page.locator("h2").first.inner_text()
    parent.look("place")
    assert "해님어린이집" in parent.go("/my/applications").locator("main").inner_text()

    # the same at the counter, for a family that came in person
    people.make("desk", "front_desk", number, language=language)
    desk = at_screen(language).sign_in("desk")
    page = desk.go("/office/families/counter/")
    page.fill("#look-name", other_child)
    page.fill("#look-born", "2024-03-02")
    page.fill("#phone_ending", "8888")
    press(page)
    page.fill("#guardian", other_mother)
    page.fill("#phone", "010-7777-8888")
    desk.look("counter")
    press(page, "form[action$='/register'] button[type=submit]")
    desk.look()
    assert other_mother in page.locator("main").inner_text()
    press(page, "a[href*='/office/enrollment/desk/']")
    page.fill("#wanted_from", "2027-03-02")
    desk.look("counter-application")
    press(page)
    assert page.locator("a[href*='/receipt/']").count() == 1

    # everybody sees the list, and nobody's name
    visitor = at_screen(language, width=820)
    text = visitor.go("/waiting/F-JOURNEY", "waiting-list").locator("main").inner_text()
    assert child not in text
    assert mother not in text

    # the centre checks the evidence and admits the next in line
    people.make("director", "director", number, language=language)
    director = at_screen(language).sign_in("director")
    page = director.go("/office/enrollment/applications/")
    press(page, "tbody .acts a")
    director.look("application")
    page.locator("input[name=note]").fill("2026-1")
    press(page, "button[value=proven]")
    page = director.go("/office/enrollment/places/")
    page.select_option("#year", "2027")
    page.select_option("#class_age", label=page.locator("#class_age option").nth(2).inner_text())
    page.fill("#places", "5")
    press(page, "form[action$='/class'] button[type=submit]")
    director.look("places")
    page.locator("input[name=starts_on]").fill("2027-03-02")
    press(page, "form[action$='/fill'] button[type=submit]")
    director.look("vacancy")
    press(page, "form[action$='/offer'] button[type=submit]")

    # the family accepts, the papers are seen, the child is admitted
    page = parent.go("/my/applications")
    press(page, "main a[href^='/my/applications/']")
    parent.look("offered")
    press(page, "button[value=accept]")
    parent.look("accepted")
    page = director.go("/office/enrollment/applications/?flt0_state_equals=accepted")
    press(page, "tbody .acts a")
    for box in page.locator("input[name=seen]").all():
        box.check()
    press(page, "form[action$='/admit'] button[type=submit]")
    assert page.locator("form[action$='/admit']").count() == 0
    director.look()
    visitor.go("/log", "log")
    visitor.go("/log/verify", "verify")
    parent.go("/my/applications")
