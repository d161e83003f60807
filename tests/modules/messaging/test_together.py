"""Many messages of one place go together: each is still its own, and the work does not grow with their number."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.jobs.models import JobAttempt
from core.security import scope as scopes
from core.testing import count_queries
from modules.messaging.models import Message
from modules.messaging.services import opt_out
from plugins.gateway_sandbox.services import go_down
from tests.modules.messaging.conftest import look, taken, tries

GOOD, WRONG = "010-0000-1234", "010-0000-0001"


def groups():
    """How many messages went in each group, by the token they shared."""
    with scopes.system("look"):
        query = sa.select(sa.func.count()).where(JobAttempt.token.is_not(None)).group_by(JobAttempt.token)
        return sorted(db.session.scalars(query))


def test_each_of_a_group_has_its_own_end(told, acting, world):
    """Taken, refused by the gateway, no way at all, not wanted, become a letter: one group, five ends."""
    with acting("district_officer", world.district):
        opt_out(place=world.district, contact="+821000009999")
        db.session.commit()
    sent, refused, nowhere = told(GOOD), told(WRONG), told()
    unwanted = told("010-0000-9999", template="messaging.news")
    letter = told(postal="서울시 관악구 1")
    drain(limit=5)
    assert groups() == [5]
    assert [(look(number).state, look(number).reason) for number in (sent, nowhere, unwanted, letter)] == [
        ("sent", ""), ("failed", "no_contact"), ("withheld", "opted_out"), ("letter", ""),
    ]  # fmt: skip
    assert tries(refused)[0] == ("sms", "failed", "wrong_number")
    drain()
    assert (look(refused).state, look(refused).reason) == ("failed", "wrong_number")
    assert len(taken()) == 1


@pytest.mark.parametrize("phone", [GOOD, None])
def test_fifty_messages_cost_no_more_statements_than_two(told, phone):
    """Neither where a gateway takes them nor where nobody can be reached."""
    for _one in range(2):
        told(phone)
    with count_queries() as few:
        drain()
    for _one in range(50):
        told(phone)
    with count_queries() as many:
        drain()
    assert len(taken()) == (52 if phone else 0)
    assert len(many) <= len(few) + 2, "the update of the messages may take more than one statement"


def test_a_gateway_away_at_one_place_is_no_trouble_for_another(told, acting, world):
    with acting("district_officer", world.district):
        go_down(world.district, 60)
        db.session.commit()
    away, here = told(GOOD), told(GOOD, place=world.neighbors[0])
    drain()
    assert (look(away).state, look(here).state) == ("queued", "sent")


def test_a_message_that_went_elsewhere_meanwhile_is_left_alone(told, monkeypatch):
    """Corrected by an officer while the gateway thinks: the answer for the old step changes nothing."""
    from plugins.gateway_sandbox.gateway import Sandbox

    first, second = told(GOOD), told(GOOD)
    sending = Sandbox.send

    def slow(self, messages):
        answers = sending(self, messages)
        with db.engines["system"].begin() as officer:
            officer.execute(sa.update(Message.__table__).where(Message.id == first).values(round=1))
        return answers

    monkeypatch.setattr(Sandbox, "send", slow)
    drain()
    assert (look(first).state, tries(first)) == ("queued", [])
    assert look(second).state == "sent"
