"""People with second steps, for tests of pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from passlib.totp import TOTP

from core.security.factors import holding


def app_of(key):
    """The app on a person's phone, from the key it was given."""
    return TOTP(key=key.replace(" ", ""), format="base32")


def code(phone, at=None):
    """What the phone shows now."""
    return phone.generate(time=at or datetime.now(UTC)).token


def set_up(browser):
    """Set the app up through the pages as a signed-in person does; gives the phone."""
    page = browser.get("/account/factors/app")
    assert page.status_code == 200, page.location
    key = re.search(r"<textarea[^>]*>([^<]+)</textarea>", page.text)[1]
    phone = app_of(key)
    answer = browser.post("/account/factors/app", data={"code": code(phone)})
    assert (answer.status_code, answer.location) == (302, "/account/factors"), answer.text
    return phone


def codes(browser):
    """New recovery codes, as the page shows them once."""
    return re.findall(r"<code>([0-9A-Z-]{14})</code>", browser.post("/account/factors/codes").text)


def held(account_id):
    return holding.held(account_id)
