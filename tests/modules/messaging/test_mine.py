"""One's own messages: read, linked, told where they went; advertisements as one wishes; nobody else's."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.security import scope as scopes
from core.security.accounts import Account
from core.testing import count_queries
from tests.modules.families.test_pages import Person, entered
from tests.modules.messaging.conftest import look, taken

__all__ = ["Person", "entered"]

MINE = "/my/messages"


def account_of(login):
    with scopes.system("find an account in a test"):
        return db.session.scalar(sa.select(Account.id).where(Account.login == login))


@pytest.fixture
def mother(entered, world):
    return entered("parent", world.district, "mother")


@pytest.fixture
def to_mother(mother, told):
    """`to_mother()` writes to her account from the first facility; gives the message's number."""
    number = account_of("mother")

    def write(**more):
        return told(account_id=number, **more)

    return write


@pytest.mark.rule("F-54")
def test_what_was_written_to_me_stands_there_until_read(mother, to_mother):
    assert "No message yet" in mother.get(MINE).text
    number = to_mother()
    assert "unread" in mother.get(MINE).text
    assert "Unread messages" in mother.get("/office/").text
    page = mother.get(f"{MINE}/{number}").text
    assert "Please pay by the 25th." in page
    first = look(number).read_at
    assert first is not None
    assert "unread" not in mother.get(MINE).text
    mother.get(f"{MINE}/{number}")
    assert look(number).read_at == first  # read once is read


@pytest.mark.rule("E-20", "S1-233")
def test_what_did_not_arrive_says_what_the_reader_can_do(mother, to_mother, polled):
    number = to_mother(phone="010-12")
    drain()
    page = mother.get(f"{MINE}/{number}").text
    assert "did not arrive" in page
    assert "Check your telephone number and e-mail address." in page
    assert 'href="/account/contacts"' in page
    arrived = to_mother(phone="010-1234-5678")
    drain()
    polled()
    assert "delivered" in mother.get(f"{MINE}/{arrived}").text
    assert "Text message" in mother.get(MINE).text


def test_nobody_sees_what_was_written_to_another(mother, to_mother, entered, world):
    number = to_mother()
    for role, place in (("parent", world.district), ("director", world.facilities[0]), ("district_officer", world.district)):
        other = entered(role, place, f"other-{role}")
        assert "March fees" not in other.get(MINE).text
        assert other.get(f"{MINE}/{number}").status_code == 404
    assert look(number).read_at is None


def test_a_long_list_is_paged_and_asks_as_little_as_a_short_one(mother, to_mother):
    to_mother()
    mother.get(MINE)
    with count_queries() as few:
        mother.get(MINE)
    for _ in range(24):
        to_mother()
    with count_queries() as many:
        first = mother.get(MINE).text
    assert len(many) <= len(few) + 1
    assert first.count("/my/messages/") - first.count("/my/messages/promotion") == 20
    onward = re.search(r'href="(/my/messages\?at=[^"]+)"[^>]*>.{0,300}?Next', first, re.DOTALL)[1]
    assert len(set(re.findall(r"/my/messages/(\d+)", mother.get(onward.replace("&amp;", "&")).text))) == 5
    assert mother.get(f"{MINE}?at=nonsense").status_code == 404


@pytest.mark.rule("S2-18")
def test_advertisements_are_sent_to_nobody_who_wants_none(mother, to_mother, entered, world):
    assert mother.post(f"{MINE}/promotion", {"want": "no"}).status_code == 302
    assert "You get no advertisements." in mother.get(MINE).text
    unwanted = to_mother(phone="010-1234-5678", template="messaging.news")
    wanted = to_mother(phone="010-1234-5678")
    drain()
    assert look(unwanted).state == "withheld"
    assert look(wanted).state == "sent"
    assert len(taken()) == 1
    other = entered("parent", world.district, "other")
    assert "You get no advertisements." not in other.get(MINE).text
    for _ in range(2):  # said twice it is said once
        assert mother.post(f"{MINE}/promotion", {"want": "yes"}).status_code == 302
    assert "You get no advertisements." not in mother.get(MINE).text


def test_without_an_account_there_are_no_own_messages(client):
    assert client.get(MINE).status_code in (302, 401)
    assert client.get(f"{MINE}/1").status_code in (302, 401)
