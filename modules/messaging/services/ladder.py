"""Which rung of the ladder a message can take: the first from where it stands that can work, and why others cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.sdk import Reach, ask, db, reach_many
from modules.messaging import rules
from modules.messaging.contract import Gateway
from modules.messaging.models import Message, Wording
from modules.messaging.settings import Ways


@dataclass(frozen=True)
class Contacts:
    """Where a person can be reached, as far as it is known and can be right."""

    phone: str | None
    email: str | None
    postal: str
    #: What was written down, whether or not it can be right.
    written_phone: str
    written_email: str


@dataclass(frozen=True)
class Way:
    """A rung that can be taken: `gateway` is None for a letter."""

    step: int
    channel: str
    wait_minutes: int
    to: str
    size: int
    cost_minor: int
    gateway: Gateway | None = None
    sender: str = ""
    template_code: str = ""


@dataclass(frozen=True)
class Passed:
    """A rung that cannot be taken, and why."""

    step: int
    channel: str
    reason: str


def gateways(place: int) -> dict[str, Gateway]:
    """Channel → the gateway that serves it at a place; of several the first in the order of the plugins."""
    found: dict[str, Gateway] = {}
    for brought in ask("message_gateways", at=place):
        for gateway in brought:
            for channel in gateway.channels:
                found.setdefault(channel, gateway)
    return found


@dataclass(frozen=True)
class Known:
    """What climbing asks of others than the message itself, read once for many."""

    #: How accounts are reached, by account.
    reached: Mapping[int, Reach]
    #: The providers' codes of wordings they approved, by wording (S1-083).
    codes: Mapping[int, str]
    #: Channel → gateway, by place.
    served: Mapping[int, Mapping[str, Gateway]]


def look_up(messages: Iterable[Message]) -> Known:
    """All that is needed to climb with these messages; internal to sending."""
    known = list(messages)
    wordings = {one.wording_id for one in known if one.wording_id is not None}
    query = sa.select(Wording.id, Wording.provider_code).where(Wording.id.in_(wordings), Wording.provider_state == "approved")
    codes = {row.id: row.provider_code for row in db.session.execute(query)} if wordings else {}
    places = {one.place_no for one in known}
    return Known(reached(known), codes, {place: gateways(place) for place in places})


def reached(messages: Iterable[Message]) -> dict[int, Reach]:
    """How the accounts of messages are reached, where they may be: not when only the written address counts."""
    asked = {one.account_id for one in messages if one.account_id is not None and not one.only_here}
    return reach_many(sorted(asked)) if asked else {}


def contacts(message: Message, ways: Ways, reached: Mapping[int, Reach]) -> Contacts:
    """What the sender wrote down goes first, then the account's own, unless it is for the written address only."""
    account = None if message.only_here else reached.get(message.account_id or 0)
    phone = message.phone or (account.phone if account else "")
    email = message.email or (account.email if account else "")
    return Contacts(
        rules.telephone(phone, ways.country), rules.address(email), message.postal.strip(), phone, email
    )


def climb(message: Message, text: str, ways: Ways, others: Known) -> tuple[Way | None, list[Passed]]:
    """The first rung from where the message stands that can be taken, and those passed over."""
    known, served = contacts(message, ways, others.reached), others.served[message.place_no]
    code = others.codes.get(message.wording_id or 0, "")
    passed: list[Passed] = []
    for step in range(message.step, len(ways.ladder)):
        found = _way(text, ways, step, known, served, code)
        if isinstance(found, Way):
            return found, passed
        passed.append(found)
    return None, passed


def _way(
    text: str, ways: Ways, step: int, known: Contacts, served: Mapping[str, Gateway], approved: str
) -> Way | Passed:
    channel, wait = ways.ladder[step].channel, ways.ladder[step].wait_minutes
    if channel == "letter":
        if not known.postal:
            return Passed(step, channel, "no_contact")
        return Way(step, channel, wait, known.postal, 0, ways.cost.get("letter", 0))
    if channel == "email":
        return _email(text, ways, step, known, served)
    size = rules.size(text, ways.length["charset"])
    kind = rules.short_or_long(size, ways.length)
    if channel == "sms" and kind == "lms":
        channel = "lms"
    why = _no_phone(known) or _too_long(channel, kind)
    gateway = served.get(channel)
    code = approved if channel == "alimtalk" else ""
    if why is None and gateway is None:
        why = "no_gateway"
    if why is None and channel == "alimtalk" and not code:
        why = "template_not_approved"
    if why is None and channel != "alimtalk" and not ways.sender.get("number"):
        why = "no_sender"
    if why is not None:
        return Passed(step, channel, why)
    return Way(
        step, channel, wait, known.phone or "", size, ways.cost.get(channel, 0), gateway,
        ways.sender.get("number", ""), code,
    )  # fmt: skip


def _email(text: str, ways: Ways, step: int, known: Contacts, served: Mapping[str, Gateway]) -> Way | Passed:
    if known.email is None:
        return Passed(step, "email", "wrong_address" if known.written_email else "no_contact")
    gateway = served.get("email")
    if gateway is None:
        return Passed(step, "email", "no_gateway")
    return Way(
        step, "email", ways.ladder[step].wait_minutes, known.email, len(text.encode()), ways.cost.get("email", 0),
        gateway, ways.sender.get("email", ""),
    )  # fmt: skip


def _no_phone(known: Contacts) -> str | None:
    if known.phone is not None:
        return None
    return "wrong_number" if known.written_phone else "no_contact"


def _too_long(channel: str, kind: str | None) -> str | None:
    return "too_long" if kind is None and channel != "alimtalk" else None
