"""The first administrator: issued once, from the command line, with a link and no password in between."""

from __future__ import annotations

import people
import pytest

from core.security import account_services, links
from core.security.accounts import EVERYWHERE
from core.security.first_account import NotTheFirst, first_administrator


def test_the_first_administrator_chooses_a_password_and_there_is_no_second(app):
    token = first_administrator(" Kim.Root ", "Kim Root", "ko")
    assert links.redeem(token, people.PASSWORD).login == "kim.root"
    assert people.run("select role, place_no from core.post") == [("administrator", EVERYWHERE)]
    for login in ("kim.root", "other.root"):
        with pytest.raises(NotTheFirst, match=r"kim\.root administers"):
            first_administrator(login, "", "en")


def test_a_link_that_grew_old_is_replaced_and_the_older_one_is_gone(app):
    old = first_administrator("kim.root", "", "en")
    new = first_administrator("kim.root", "", "en")
    with pytest.raises(links.LinkGone):
        links.redeem(old, people.PASSWORD)
    assert links.redeem(new, people.PASSWORD).login == "kim.root"


def test_a_bad_login_is_refused_and_nothing_is_made(app):
    with pytest.raises(account_services.BadLogin):
        first_administrator("k!", "", "en")
    assert people.run("select count(*) from core.account where id > 0") == [(0,)]
