"""What is to be done with a step of each of many messages: read once for all of them, nothing written, nobody asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from core.sdk import ask, db, notices
from modules.messaging import rules
from modules.messaging.contract import Outgoing
from modules.messaging.models import Message
from modules.messaging.services.accounts import ACCOUNT
from modules.messaging.services.ladder import Known, Passed, Way, climb, contacts, look_up
from modules.messaging.services.opting_out import Refusing, refusing
from modules.messaging.settings import Ways, ways


@dataclass(frozen=True)
class Turn:
    """One step of one message, as its job names it."""

    message: int
    turn: int
    step: int
    #: Of the job. The gateway gets a key of the message's own (`_key`): a try that was put off is another job with another
    #: key, and must still be the same message to the gateway.
    idempotency_key: str


@dataclass(frozen=True)
class Decision:
    """What follows for one message: it goes to a gateway (`outgoing`), waits (`until`), becomes a letter (`way` without a
    gateway), or is over (`state` and `reason`)."""

    turn: Turn
    here: Ways
    place: int
    step_since: datetime
    passed: list[Passed] = field(default_factory=list)
    way: Way | None = None
    outgoing: Outgoing | None = None
    until: datetime | None = None
    state: str = ""
    reason: str = ""

    @property
    def ends(self) -> bool:
        """Whether no rung is left: neither a gateway nor a letter."""
        return self.way is None and self.until is None and not self.state


def decide(turns: Sequence[Turn]) -> list[Decision]:
    """Decide for each turn; those whose message is gone or stands elsewhere by now are left out; internal to sending."""
    stand = {one.id: one for one in db.session.scalars(sa.select(Message).where(Message.id.in_([t.message for t in turns])))}
    pairs = [(turn, stand[turn.message]) for turn in turns if turn.message in stand and stands(stand[turn.message], turn)]
    messages = [message for _turn, message in pairs]
    holding = {place: ways(place) for place in {message.place_no for message in messages}}
    known = look_up(messages)
    wish = refusing(
        {one.account_id for one in messages if one.kind == "promotional" and one.account_id is not None},
        {way for one in messages if one.kind == "promotional" for way in _ways_to(one, holding[one.place_no], known)},
    )
    return [_decide(turn, message, holding[message.place_no], known, wish) for turn, message in pairs]


def stands(message: Message, turn: Turn) -> bool:
    """Whether a message still waits for this very step."""
    return message.state == "queued" and (message.round, message.step) == (turn.turn, turn.step)


def _decide(turn: Turn, message: Message, here: Ways, known: Known, wish: Refusing) -> Decision:
    place, since = message.place_no, message.step_since
    if message.kind == "promotional":
        if wish.by(message.account_id, _ways_to(message, here, known)):
            return Decision(turn, here, place, since, state="withheld", reason="opted_out")
        until = rules.quiet_until(datetime.now(UTC), here.zone, here.quiet["from"], here.quiet["to"])
        if until is not None:
            return Decision(turn, here, place, since, until=until)
    text = _whole(message)
    if text is None:
        return Decision(turn, here, place, since, state="failed", reason="secret_gone")
    way, passed = climb(message, text, here, known)
    if way is None or way.gateway is None:
        return Decision(turn, here, place, since, passed, way)
    outgoing = Outgoing(
        _key(message, way), way.channel, place, way.to, text, message.language, message.subject, way.sender, way.template_code  # type: ignore[arg-type]  # a step's channel was checked
    )  # fmt: skip
    return Decision(turn, here, place, since, passed, way, outgoing)


def _ways_to(message: Message, here: Ways, known: Known) -> list[str]:
    found = contacts(message, here, known.reached)
    return [one for one in (found.phone, found.email) if one]


def _key(message: Message, way: Way) -> str:
    """The same for every try of one rung, also by another job, and for no other message after a restore gave ids out anew."""
    return f"{message.id}.{message.round}.{way.step}-{int(message.written_at.timestamp() * 1_000_000):x}"


def _whole(message: Message) -> str | None:
    """The text with its secrets, which exist nowhere but here and at the gateway; None when one is gone."""
    values: dict[str, str] = {}
    for name in rules.secrets_of(message.text):
        value = _secret(message, name)
        if value is None:
            return None
        values[name] = value
    return rules.open_secrets(message.text, values)


def _secret(message: Message, name: str) -> str | None:
    """What core keeps for an account, else what the module knows whose record it is."""
    if message.template == ACCOUNT:
        return notices.secret_behind(message.about)
    given = ask("secret_fact", at=message.place_no, field=name, about=message.about)
    return next((one for one in given if one is not None), None)
