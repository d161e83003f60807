"""A notice from the act to the reader: sent by the practice gateway, told again by its receipt, explained and mended when it fails.

Phone for the family, 1280 px for the desk, the keyboard alone, in three languages.
"""

from __future__ import annotations

import letters
import people
import pytest
from keys import SUBMIT, press, write

from core.db.base import db
from core.jobs.delivery import drain
from core.security import access
from core.security import scope as scopes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Fields missing from ruleset"),
]

FAMILY = {"ko": ("김지영", "박서연"), "pl": ("Anna Nowak", "Zofia Nowak"), "en": ("Mary Poe", "Tom Poe")}
NEW = "cztery konie w zimowym ogrodzie"
#: The practice gateway finds nobody at this number, and somebody at the other.
UNREACHABLE, GOOD = "010-7777-0002", "010-7777-1234"
LANGUAGES = pytest.mark.parametrize("language", ["ko", "pl", "en"])


@pytest.fixture
def sending(centre):
    """The centre's city sends by the practice gateway, as in a demonstration."""
    from datetime import date

    from core.host.running import running
    from core.regions import activation
    from core.regions.atlas import atlas
    from plugins.gateway_sandbox.hooks import demo

    day = date(2024, 1, 1)
    with access.asking(), scopes.system("a gateway for a journey"):
        city = atlas().find("KR-11").no
        for name in running().registry.closure("gateway_sandbox"):
            if not activation.answer(name, city, day).on:
                activation.switch(name, city, on=True, first_day=day, reason="journey")
        demo(region_code="KR-11", folder=None, on=day)
        db.session.commit()
    return centre


def told():
    """Let messages leave, and some seconds pass until their receipts are asked for."""
    from modules.messaging.jobs import poll

    drain()
    people.run("update gateway_sandbox.delivery set told_from = told_from - interval '1 minute'")
    with access.asking(), scopes.system("ask the gateway in a journey"):
        poll(idempotency_key="journey")
        db.session.commit()
    drain()


def apply(parent, child):
    """From the child to the place, by the keyboard."""
    page = parent.page
    write(page, "#name", child)
    page.fill("#born_on", "2024-05-04")
    press(page)
    for _n in range(2):
        press(page, "section.card form[action*='/consents/'] button.btn-primary")
    parent.go("/apply/F-JOURNEY")
    page.locator("input[name=child]").focus()
    page.keyboard.press("Space")
    page.fill("#wanted_from", "2027-03-02")
    page.locator("#kept p").wait_for()
    for _n in range(4):
        press(page)
    assert "1" in page.locator("h2").first.inner_text()
    return page.url.removeprefix(parent.address)


@LANGUAGES
def test_a_parent_registers_applies_and_gets_the_notice(app, at_screen, sending, language):
    district, _number = sending
    mother, child = FAMILY[language]
    letters.empty()
    parent = at_screen(language, width=390)
    parent.go("/register")
    page = parent.page
    write(page, "main [name=name]", mother)
    write(page, "main [name=address]", GOOD if language == "ko" else f"+82 {GOOD[1:]}")
    write(page, "main [name=password]", NEW)
    page.select_option("[name=region]", str(district))
    press(page, f"{SUBMIT}.btn-primary")
    write(page, "main [name=code]", letters.code("1234"))
    press(page, f"{SUBMIT}.btn-primary")
    parent.go("/my/family")
    write(page, "#name", mother)
    write(page, "#phone", "+82 10-7777-1234")
    press(page)
    application = apply(parent, child)
    parent.look("notice-place")
    told()

    parent.go("/my/messages", "my-messages")
    rows = page.locator("tbody tr")
    notice = rows.filter(has=page.locator(".state.attention")).first
    assert "해님어린이집" in notice.inner_text()
    notice.locator("a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    parent.look("my-message")
    text = page.locator("main").inner_text()
    assert child in text
    press(page, "main a.btn-primary")
    assert page.url.endswith(application), "the notice leads to what it is about"
    parent.look()


@LANGUAGES
def test_a_notice_that_failed_is_explained_and_mended_at_the_desk(app, at_screen, sending, language):
    """Registered at the counter with a number nobody answers: the desk sees why, corrects it, and it arrives."""
    _district, number = sending
    mother, child = FAMILY[language]
    people.make("desk", "front_desk", number, language=language)
    desk = at_screen(language).sign_in("desk")
    page = desk.go("/office/families/counter/")
    write(page, "#look-name", child)
    page.fill("#look-born", "2024-03-02")
    write(page, "#phone_ending", UNREACHABLE[-4:])
    press(page)
    write(page, "#guardian", mother)
    write(page, "#phone", UNREACHABLE)
    press(page, "form[action$='/register'] button[type=submit]")
    press(page, "a[href*='/office/enrollment/desk/']")
    page.fill("#wanted_from", "2027-03-02")
    press(page)
    assert page.locator("a[href*='/receipt/']").count() == 1
    application = page.url.removeprefix(desk.address)
    told()

    desk.go(application, "notice-failed")
    failed = page.locator(".state.stop").first
    assert failed.is_visible()
    failed.locator("xpath=ancestor::li").locator("a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk.look("notice-explained")
    write(page, "#phone", GOOD)
    press(page, "form[action$='/again'] button[type=submit]")
    told()
    page.reload()
    desk.look("notice-mended")
    tries = page.locator("tbody tr")
    assert tries.filter(has=page.locator(".state.stop")).count() == 1, "the failed try stays"
    assert tries.filter(has=page.locator(".state.ok")).count() == 1, "and the one that arrived"
