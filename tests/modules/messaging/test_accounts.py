"""Notices about accounts leave by the gateway: to the address named, with the code only in what the gateway gets."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.security import access, contacts, notices
from core.security import scope as scopes
from modules.messaging.models import Message
from tests.modules.messaging.conftest import taken, tries

PHONE, EMAIL = "+821012345678", "jan@example.org"


@pytest.fixture
def jan(parent):
    return parent("Jan Kowalski")


def messages():
    with scopes.system("look at messages"):
        return list(db.session.scalars(sa.select(Message).order_by(Message.id)))


def told(account, kind, place, **facts):
    with access.asking(), scopes.system("a notice in a test"):
        notices.tell(account, kind, place=place, **facts)
        db.session.commit()
    drain()


def confirmed(account, channel, value, place):
    """A contact of the account, confirmed."""
    with scopes.system("a contact of a test"):
        made = contacts.Contact(
            account_id=account, region_no=place, channel=channel, value=value, masked="•", verified_at=sa.func.clock_timestamp()
        )
        db.session.add(made)
        db.session.flush()
        number = made.id
        db.session.commit()
    return number


@pytest.mark.rule("S1-220", "S1-233")
def test_a_code_leaves_with_the_message_and_is_kept_nowhere(jan, sending_city):
    contacts.add(jan, PHONE)
    drain()
    [(_channel, to, text)] = taken()
    assert to == PHONE
    code = re.search(r"\d{6}", text)[0]
    [kept] = [one for one in messages() if "⟦secret⟧" in one.text]
    assert code not in kept.text
    assert code not in kept.subject
    assert tries(kept.id)[0][1] == "sent"


@pytest.mark.rule("S1-225")
def test_a_changed_password_is_told_to_every_contact_and_stands_once_on_ones_own_page(jan, sending_city):
    confirmed(jan, "phone", PHONE, sending_city.district)
    confirmed(jan, "email", EMAIL, sending_city.district)
    told(jan, "credential-changed", sending_city.district, what="password-changed")
    assert {to for _channel, to, _text in taken()} == {PHONE, EMAIL}
    assert [one.account_id for one in messages()].count(jan) == 1


def test_a_code_for_a_new_address_takes_no_other_way_when_that_fails(jan, sending_city):
    """A code proves the address it went to: sent to an old one instead it would prove nothing."""
    confirmed(jan, "email", EMAIL, sending_city.district)
    contacts.add(jan, "+821000000001")  # no such number
    drain()
    assert EMAIL not in {to for _channel, to, _text in taken()}
    [message] = messages()
    assert (message.state, message.reason) == ("failed", "wrong_number")


def test_what_came_too_late_is_not_sent(jan, sending_city):
    contacts.add(jan, PHONE)
    with db.engines["system"].begin() as connection:
        connection.execute(sa.text("update core.account_code set expires_at = clock_timestamp() - interval '1 minute'"))
    drain()
    assert taken() == []
    [message] = messages()
    assert (message.state, message.reason) == ("failed", "secret_gone")


def test_a_notice_at_no_place_is_sent_in_the_name_of_the_whole(jan, sending_city, world):
    confirmed(jan, "email", EMAIL, sending_city.district)
    told(jan, "credential-changed", None, what="password-changed")
    [message] = messages()
    assert message.place_no == world.country
