"""Bring one step of a message: the job behind it may be repeated after a crash, the gateway's key makes that harmless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from core.sdk import ask, db, notices, require
from modules.messaging import rules
from modules.messaging.contract import Accepted, GatewayDown, Outgoing, Refused
from modules.messaging.models import Attempt, Message
from modules.messaging.services.accounts import ACCOUNT
from modules.messaging.services.ladder import Passed, Way, climb, contacts
from modules.messaging.services.opting_out import refuses
from modules.messaging.services.sending import offer
from modules.messaging.settings import Ways, ways


def dispatch(number: int, turn: int, step: int) -> None:
    """Take the rung a message stands on, or the next that can be taken; a gateway that is away is asked again later."""
    require("messaging.message.send")
    message = db.session.get(Message, number)
    if message is None or not _stands(message, turn, step):
        return
    here = ways(message.place_no)
    if message.kind == "promotional" and _not_now(message, here):
        return
    text = _whole(message)
    if text is None:
        message.state, message.reason = "failed", "secret_gone"
        return
    way, passed = climb(message, text, here)
    if way is None or way.gateway is None:
        _settle(message, way, passed, here)
        return
    outgoing = Outgoing(
        _key(message, way), way.channel, message.place_no, way.to, text, message.language, message.subject, way.sender, way.template_code  # type: ignore[arg-type]  # a step's channel was checked
    )  # fmt: skip
    place = message.place_no
    waited = datetime.now(UTC) - message.step_since
    db.session.rollback()  # no transaction stays open while the gateway thinks
    answer: Accepted | Refused
    try:
        answer = way.gateway.send(outgoing)
    except GatewayDown:
        if waited < timedelta(minutes=here.patience_minutes):
            pause = timedelta(minutes=1) if waited < timedelta(minutes=10) else timedelta(minutes=5)
            offer(number, place, turn, step, delay=pause)
            return
        answer = Refused("gateway_down")
    _record(number, turn, step, way, passed, answer, here)


def _key(message: Message, way: Way) -> str:
    """The same for every try of one rung, also by another job, and for no other message after a restore gave ids out anew."""
    return f"{message.id}.{message.round}.{way.step}-{int(message.written_at.timestamp() * 1_000_000):x}"


def _stands(message: Message, turn: int, step: int) -> bool:
    return message.state == "queued" and (message.round, message.step) == (turn, step)


def _not_now(message: Message, here: Ways) -> bool:
    """Promotional messages: never to who wants none, and at no quiet hour."""
    known = contacts(message, here)
    if refuses(message.account_id, (known.phone, known.email)):
        message.state, message.reason = "withheld", "opted_out"
        return True
    now = datetime.now(UTC)
    until = rules.quiet_until(now, here.zone, here.quiet["from"], here.quiet["to"])
    if until is None:
        return False
    offer(
        message.id, message.place_no, message.round, message.step, delay=until - now,
        key=f"{message.id}.{message.round}.{message.step}@{until:%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    return True


def _whole(message: Message) -> str | None:
    """The text with its secrets, which exist nowhere but here and at the gateway; None when one is gone."""
    values: dict[str, str] = {}
    for field in rules.secrets_of(message.text):
        value = _secret(message, field)
        if value is None:
            return None
        values[field] = value
    return rules.open_secrets(message.text, values)


def _secret(message: Message, field: str) -> str | None:
    """What core keeps for an account, else what the module knows whose record it is."""
    if message.template == ACCOUNT:
        return notices.secret_behind(message.about)
    given = ask("secret_fact", at=message.place_no, field=field, about=message.about)
    return next((one for one in given if one is not None), None)


def _settle(message: Message, way: Way | None, passed: list[Passed], here: Ways) -> None:
    """No gateway is asked: it becomes a letter, or it failed for good."""
    _note(message, passed, here)
    if way is None:
        _give_up(message, passed)
        return
    message.state, message.channel, message.step, message.reason = "letter", "letter", way.step, ""


def _give_up(message: Message, passed: list[Passed]) -> None:
    """No rung is left: what was tried last says why; else the first rung that could not be taken."""
    tried = db.session.scalar(
        sa.select(Attempt.reason)
        .where(Attempt.message_id == message.id, Attempt.round == message.round, Attempt.state.in_(("failed", "expired")))
        .order_by(Attempt.step.desc())
        .limit(1)
    )
    told = [one.reason for one in passed if one.reason in rules.MENDABLE and one.reason != "no_contact"]
    any_way = [one.reason for one in passed if one.reason != "no_contact"]
    message.state = "failed"
    message.reason = tried or next(iter((*told, *any_way)), "no_contact")


def _record(
    number: int, turn: int, step: int, way: Way, passed: list[Passed], answer: Accepted | Refused, here: Ways
) -> None:
    """Keep what the gateway said; committed together with the end of the job."""
    message = db.session.scalar(sa.select(Message).where(Message.id == number).with_for_update())
    if message is None or not _stands(message, turn, step):
        return
    assert way.gateway is not None
    _note(message, passed, here)
    took = isinstance(answer, Accepted)
    waits = took and way.gateway.receipts and way.wait_minutes > 0
    due = datetime.now(UTC) + timedelta(minutes=way.wait_minutes)
    cost = way.cost_minor if took else 0
    db.session.add(
        Attempt(
            place_no=message.place_no, message_id=number, round=turn, step=way.step, channel=way.channel,
            gateway=way.gateway.name, reference=answer.reference if isinstance(answer, Accepted) else "",
            state="sent" if took else "failed", reason=answer.reason if isinstance(answer, Refused) else "", size=way.size,
            cost_minor=cost, currency=here.currency, policy_ids=list(here.policy_ids), receipt_due_at=due if waits else None,
        )
    )  # fmt: skip
    message.channel, message.step, message.cost_minor = way.channel, way.step, message.cost_minor + cost
    if took:
        message.state, message.reason = "sent", ""
    else:
        db.session.flush()
        next_rung(message, way.step)


def next_rung(message: Message, failed_step: int) -> None:
    """The step failed: the next one is taken by a job of its own."""
    message.state, message.step = "queued", failed_step + 1
    message.step_since = sa.func.clock_timestamp()
    offer(
        message.id, message.place_no, message.round, failed_step + 1,
        key=f"{message.id}.{message.round}.{failed_step + 1}",
    )  # fmt: skip


def _note(message: Message, passed: list[Passed], here: Ways) -> None:
    """Rungs passed over stand on the message's page with their reason."""
    for one in passed:
        db.session.add(
            Attempt(
                place_no=message.place_no, message_id=message.id, round=message.round, step=one.step, channel=one.channel,
                state="skipped", reason=one.reason, policy_ids=list(here.policy_ids),
            )
        )  # fmt: skip
