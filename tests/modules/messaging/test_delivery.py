"""A message climbs its ladder: what each gateway answer leads to, what it costs, and what people are told of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.jobs.models import Outbox
from core.security import access
from core.security import scope as scopes
from modules.messaging import rules
from modules.messaging.api import Receipt, correct, receive
from modules.messaging.models import Attempt
from modules.messaging.refusals import BadContact, NotFailed
from modules.messaging.services import overtake
from plugins.gateway_sandbox.hooks import demo
from plugins.gateway_sandbox.services import go_down
from tests.modules.messaging.conftest import LADDER, look, taken, tries

GOOD, WRONG, UNREACHABLE, NEVER = "010-0000-1234", "010-0000-0001", "010-0000-0002", "010-0000-0005"


def late():
    with access.asking(), scopes.system("nobody answered"):
        count = overtake()
        db.session.commit()
    drain()
    return count


def test_a_message_is_sent_after_the_commit_and_delivered_when_the_receipt_says_so(told, polled):
    number = told(GOOD)
    assert look(number).state == "queued"
    assert taken() == []
    drain()
    assert look(number).state == "sent"
    assert taken() == [("sms", "+821000001234", "Please pay by the 25th.")]
    polled()
    found = look(number)
    assert (found.state, found.channel, found.cost_minor) == ("delivered", "sms", 12)


@pytest.mark.rule("S1-083")
@pytest.mark.parametrize(("letters", "channel", "cost"), [(45, "sms", 12), (46, "lms", 32), (1000, "lms", 32)])
def test_short_and_long_texts_are_told_apart_by_bytes_of_korean(told, letters, channel, cost):
    number = told(GOOD, facts={"subject": "x", "text": "가" * letters})
    drain()
    assert [one[0] for one in taken()] == [channel]
    assert look(number).cost_minor == cost


@pytest.mark.rule("E-20")
def test_each_step_is_taken_when_the_one_before_failed_and_the_reason_stays(told, polled):
    number = told(UNREACHABLE, email="mother@home.example")
    drain()
    polled()
    polled()
    assert tries(number) == [("sms", "failed", "unreachable"), ("email", "delivered", "")]
    assert look(number).state == "delivered"
    assert look(number).cost_minor == 13  # both were paid for


@pytest.mark.rule("E-20")
def test_silence_is_waited_for_as_long_as_the_rule_says(told, later):
    number = told(NEVER, email="mother@home.example")
    drain()
    later(59)
    assert late() == 0
    assert look(number).state == "sent"
    later(2)
    assert late() == 1
    assert tries(number)[0] == ("sms", "expired", "no_receipt")
    assert look(number).channel == "email"


@pytest.mark.rule("E-20")
def test_without_phone_and_address_it_becomes_a_letter(told):
    number = told(None, postal="서울시 종로구 1")
    drain()
    assert look(number).state == "letter"
    assert tries(number) == [("sms", "skipped", "no_contact"), ("email", "skipped", "no_contact")]
    assert taken() == []


@pytest.mark.rule("S1-233")
@pytest.mark.parametrize(("phone", "why"), [("12", "wrong_number"), (WRONG, "wrong_number"), (None, "no_contact")])
def test_nothing_is_sent_to_a_wrong_contact_and_the_reason_is_kept(told, phone, why):
    number = told(phone)
    drain()
    found = look(number)
    assert (found.state, found.reason, found.cost_minor) == ("failed", why, 0)
    assert taken() == []


@pytest.mark.rule("S1-234")
def test_a_corrected_contact_sends_the_message_again(told, polled, acting, world):
    number = told(WRONG)
    drain()
    with acting("front_desk", world.facilities[0]):
        correct(number, phone=GOOD)
        db.session.commit()
    drain()
    polled()
    assert look(number).state == "delivered"
    assert len(taken()) == 1


def test_what_cannot_be_corrected_is_refused_and_changes_nothing(told, polled, acting, world):
    wrong, good = told(WRONG), told(GOOD)
    drain()
    polled()
    with acting("front_desk", world.facilities[0]):
        with pytest.raises(BadContact, match="no telephone number here"):
            correct(wrong, phone="12")
        with pytest.raises(BadContact, match="no e-mail address"):
            correct(wrong, email="at home")
        with pytest.raises(BadContact, match="enter one of them"):
            correct(wrong, phone="")
        db.session.rollback()
        with pytest.raises(NotFailed, match="did not arrive"):
            correct(good, phone=GOOD)
    assert look(wrong).state == "failed"


def test_a_receipt_that_comes_twice_or_late_or_for_nobody_changes_nothing(told, sending_city):
    number = told(GOOD)
    drain()
    with scopes.system("look"):
        reference = db.session.scalar(sa.select(Attempt.reference).where(Attempt.message_id == number))

    def say(outcome, what=reference):
        with access.asking(), scopes.system("a receipt"):
            counts = receive("gateway_sandbox", [Receipt(what, outcome)])
            db.session.commit()
        return dict(+counts)

    assert say("delivered", "nobody") == {"unknown": 1}
    assert say("delivered", "") == {"unknown": 1}
    assert say("delivered") == {"changed": 1}
    for again in ("delivered", "failed", "expired"):
        assert say(again) == {"known": 1}
        assert look(number).state == "delivered"
    drain()
    assert len(taken()) == 1


def test_good_news_that_comes_after_the_wait_is_believed(told, later, polled):
    number = told("010-0000-0009")  # its receipt comes an hour late
    drain()
    later(61)
    assert late() == 1
    assert look(number).state == "failed"
    with scopes.system("look"):
        reference = db.session.scalar(sa.select(Attempt.reference).where(Attempt.message_id == number, Attempt.state == "expired"))
    with access.asking(), scopes.system("a receipt"):
        receive("gateway_sandbox", [Receipt(reference, "delivered")])
        db.session.commit()
    assert look(number).state == "delivered"


def test_a_gateway_that_is_down_for_an_hour_loses_nothing_and_gets_nothing_twice(told, later, acting, world, polled):
    with acting("district_officer", world.district):
        go_down(world.district, 60)
        db.session.commit()
    numbers = [told(GOOD) for _one in range(5)]
    drain()
    assert taken() == []
    assert {look(number).state for number in numbers} == {"queued"}
    for _ten_minutes in range(7):
        later(10)
        drain()
    assert len(taken()) == 5
    polled()
    assert {look(number).state for number in numbers} == {"delivered"}
    with scopes.system("look"):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Outbox).where(Outbox.dead_at.is_not(None))) == 0


def test_a_gateway_that_stays_away_is_given_up_after_the_patience_of_the_rule(told, later, acting, world, rule):
    with acting("district_officer", world.district):
        go_down(world.district, 600)
        db.session.commit()
    number = told(GOOD, postal="Main street 1")
    drain()
    for _half_hour in range(5):
        later(30)
        drain()
    assert tries(number)[0] == ("sms", "failed", "gateway_down")
    assert look(number).state == "letter"


def test_a_message_offered_twice_is_the_same_for_the_gateway(told, monkeypatch):
    """The worker dies after the gateway took the messages and before that was noted: the second try sends nothing again."""
    numbers = [told(GOOD) for _one in range(3)]
    from modules.messaging.services import dispatching

    def die(*_args):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(dispatching, "_settle", die)
        with pytest.raises(SystemExit):
            drain()
    db.session.remove()
    assert len(taken()) == 3
    assert {look(number).state for number in numbers} == {"queued"}
    from core.jobs import relay

    with db.engines["system"].begin() as connection:
        connection.execute(sa.text("update core.outbox set lease_until = clock_timestamp() - interval '1s' where lease_until is not null"))
    relay.sweep()
    drain()
    assert {look(number).state for number in numbers} == {"sent"}
    assert len(taken()) == 3


@pytest.mark.rule("E-20", "S2-19")
def test_promotion_waits_for_the_morning_and_service_does_not(told, monkeypatch, rule):
    """What serves a family is told at once by text message, also at night; emergency care itself comes with its module."""
    night = {"from": "00:00", "to": "23:59"}
    rule("quiet_hours", night)
    news, notice = told(GOOD, template="messaging.news"), told(GOOD)
    if rules.quiet_until(datetime.now(UTC), "Asia/Seoul", "00:00", "23:59") is None:
        pytest.skip("the one minute of the day that is not quiet")
    drain()
    assert look(news).state == "queued"
    assert look(notice).state == "sent"
    with scopes.system("look"):
        waits = db.session.scalars(
            sa.select(Outbox.available_at).where(Outbox.name == "messaging.message.dispatch", Outbox.done_at.is_(None))
        ).all()
    assert len(waits) == 1
    assert waits[0] > datetime.now(UTC)


def test_a_ladder_that_begins_with_alimtalk_needs_an_approved_template(told, rule, world):
    rule("ladder", {**LADDER, "steps": [{"channel": "alimtalk", "wait_minutes": 10}, *LADDER["steps"]]}, world.district)
    number = told(GOOD)
    drain()
    assert tries(number)[0] == ("alimtalk", "skipped", "template_not_approved")
    assert look(number).channel == "sms"


def test_without_a_registered_sender_no_text_message_leaves(told, rule, world):
    rule("sender", {"number": "", "email": ""}, world.district)
    number = told(GOOD)
    drain()
    assert look(number).reason == "no_sender"
    assert taken() == []


def test_a_demonstration_has_a_sender_so_that_its_messages_leave(world, rule, told_anyhow):
    """Without a registered number no text message leaves; the region of a demo gets one, and a real one stays."""
    rule("ladder", LADDER)
    first = told_anyhow(GOOD)
    drain()
    assert ("sms", "skipped", "no_sender") in tries(first)
    for _again in range(2):
        with access.asking(), scopes.system("a demo"):
            demo(region_code="XA-1", folder=None, on=date(2020, 1, 1))
            db.session.commit()
    second = told_anyhow(GOOD)
    drain()
    assert look(second).state == "sent"
