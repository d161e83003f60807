"""What the tests of messaging share: someone to write to, and the sandbox gateway as it is after a fresh start."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.regions import policies
from core.security import access
from core.security import scope as scopes
from core.security.accounts import Account, Post
from modules.messaging.api import Recipient, send
from modules.messaging.jobs import poll
from modules.messaging.models import Attempt, Message
from plugins.gateway_sandbox.models import Delivery

MOTHER = Recipient("김지영", "ko", phone="010-1234-5678")
FACTS = {"subject": "March fees", "text": "Please pay by the 25th."}


@pytest.fixture
def parent(app, world):
    """Makes a parent's account in the first district; gives its number."""

    def make(name="Kim Jiyoung", place=None, email="", language="en"):
        with scopes.system("a parent of a test"):
            account = Account(
                login=f"p-{uuid4().hex[:10]}", name=name, fs_uniquifier=uuid4().hex, region_no=place or world.district,
                activated_at=datetime.now(UTC), email=email or None, language=language,
            )  # fmt: skip
            db.session.add(account)
            db.session.flush()
            db.session.add(
                Post(account_id=account.id, role="parent", place_no=place or world.district,
                     first_day=date(2020, 1, 1), reason="test")
            )  # fmt: skip
            number = account.id
            db.session.commit()
        return number

    return make


@pytest.fixture(autouse=True)
def _korea(monkeypatch):
    """Telephone numbers of the test world are read as Korean ones."""
    monkeypatch.setattr("modules.messaging.settings._letters", lambda code: "KR")


SENDER = {"number": "02-120", "email": "notice@city.example"}
LADDER = {"steps": [{"channel": "sms", "wait_minutes": 60}, {"channel": "email", "wait_minutes": 30},
                    {"channel": "letter", "wait_minutes": 0}], "patience_minutes": 120}  # fmt: skip
PRICES = {"alimtalk": 8, "sms": 12, "lms": 32, "email": 1, "letter": 430}


@pytest.fixture
def rule(world):
    """`rule("ladder", {...})` sets one of the first city's policies of messaging."""

    def put(part, value, place=None):
        with access.asking(), scopes.system("a rule of a test"):
            policies.override(
                f"messaging.delivery.{part}", place=place or world.city, value=value, valid_from=date(2020, 1, 1), legal_basis="test"
            )
            db.session.commit()

    return put


@pytest.fixture
def sending_city(world, rule):
    """A city that can send: a registered sender, Korean lengths, prices, and text message → e-mail → letter."""
    rule("sender", SENDER)
    rule("length", {"charset": "euc-kr", "sms": 90, "lms": 2000})
    rule("cost", PRICES)
    rule("ladder", LADDER)
    return world


@pytest.fixture
def told(sending_city, told_anyhow):
    """`told("010-0000-0001")` sends a notice from the first facility and gives its number."""
    return told_anyhow


@pytest.fixture
def told_anyhow(world, acting):
    """The same, whatever the city's rules are."""
    counter = iter(range(10_000))

    def send_one(phone=None, *, template="messaging.notice", facts=None, name="김지영", language="ko", **to):
        place = to.pop("place", world.facilities[0])
        with acting("director", place):
            number = send(
                template, to=Recipient(name, language, phone=phone, **to), place=place, facts=facts or FACTS,
                about="x.y:1", key=f"test:{next(counter)}",
            )  # fmt: skip
            db.session.commit()
        return number

    return send_one


@pytest.fixture
def later(app):
    """`later(60)` lets an hour pass for everything that waits: whatever has a time is moved back by it."""
    moved = (
        ("core.outbox", "available_at"), ("messaging.message", "step_since"), ("messaging.attempt", "receipt_due_at"),
        ("gateway_sandbox.outage", "ends_at"), ("gateway_sandbox.delivery", "told_from"),
    )  # fmt: skip

    def pass_by(minutes=0, seconds=0):
        with db.engines["system"].begin() as connection:
            for table, column in moved:
                connection.execute(
                    sa.text(f"update {table} set {column} = {column} - make_interval(mins => :m, secs => :s)"),
                    {"m": minutes, "s": seconds},
                )

    return pass_by


@pytest.fixture
def polled(later):
    """Lets the seconds until receipts pass, asks the gateway, and does what follows."""

    def ask_it(minutes=0):
        later(minutes, 5)
        with access.asking(), scopes.system("poll in a test"):
            poll(idempotency_key="test")
            db.session.commit()
        return drain()

    return ask_it


def look(number):
    """A message as the system sees it."""
    with scopes.system("look at a message"):
        found = db.session.get(Message, number)
        db.session.refresh(found)
        db.session.expunge(found)
    return found


def tries(number):
    """Its attempts: (channel, state, reason), in order."""
    with scopes.system("look at attempts"):
        rows = db.session.execute(
            sa.select(Attempt.channel, Attempt.state, Attempt.reason).where(Attempt.message_id == number)
            .order_by(Attempt.round, Attempt.step)
        )  # fmt: skip
        return [tuple(row) for row in rows]


def taken():
    """What the practice gateway took: (channel, recipient, text)."""
    with scopes.system("look at the gateway"):
        rows = db.session.execute(
            sa.select(Delivery.channel, Delivery.recipient, Delivery.text).where(Delivery.refused == "").order_by(Delivery.id)
        )
        return [tuple(row) for row in rows]
