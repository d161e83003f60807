"""Bring one step of many messages: the jobs behind it may be repeated after a crash, the gateway's keys make that harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.sdk import db, require
from modules.messaging import rules
from modules.messaging.contract import Accepted, Gateway, GatewayDown, Refused
from modules.messaging.models import Attempt, Message
from modules.messaging.services.deciding import Decision, Turn, decide, stands
from modules.messaging.services.ladder import Passed
from modules.messaging.services.sending import offer

Answer = Accepted | Refused


def dispatch(turns: Sequence[Turn]) -> None:
    """Take the rung each message stands on, or the next that can be taken; who is away is asked again later."""
    require("messaging.message.send")
    decisions = decide(turns)
    db.session.rollback()  # no transaction stays open while the gateway thinks
    answers = _send([one for one in decisions if one.outgoing is not None])
    numbers = [one.turn.message for one in decisions]
    now = sa.select(Message).where(Message.id.in_(numbers)).order_by(Message.id).with_for_update()
    messages = {one.id: one for one in db.session.scalars(now)}
    said = _said_before([one.turn for one in decisions if one.ends])
    tries: list[dict[str, Any]] = []
    for one in decisions:
        message = messages.get(one.turn.message)
        if message is not None and stands(message, one.turn):
            tries.extend(_settle(message, one, answers.get(one.turn.message), said.get(message.id, "")))
    if tries:
        db.session.execute(sa.insert(Attempt), tries)


def _send(decisions: Sequence[Decision]) -> dict[int, Answer]:
    """Each gateway's answers for each place, by message; a gateway that is away gives none."""
    groups: dict[tuple[str, int], list[Decision]] = {}
    for one in decisions:
        groups.setdefault((_gateway(one).name, one.place), []).append(one)
    answers: dict[int, Answer] = {}
    for group in groups.values():
        try:
            given = _gateway(group[0]).send([one.outgoing for one in group if one.outgoing is not None])
        except GatewayDown:
            continue
        answers |= {one.turn.message: answer for one, answer in zip(group, given, strict=True)}
    return answers


def _gateway(decision: Decision) -> Gateway:
    assert decision.way is not None
    assert decision.way.gateway is not None
    return decision.way.gateway


def _settle(message: Message, decision: Decision, answer: Answer | None, said: str) -> Iterator[dict[str, Any]]:
    """Keep what follows, committed together with the end of the jobs; gives the tries to be noted."""
    if decision.state:
        message.state, message.reason = decision.state, decision.reason
    elif decision.until is not None:
        _wait(message, decision.until)
    elif decision.outgoing is not None:
        yield from _answered(message, decision, answer)
    else:
        yield from _passed(message, decision)
        if decision.way is None:
            _give_up(message, decision.passed, said)
        else:
            message.state, message.channel, message.step, message.reason = "letter", "letter", decision.way.step, ""


def _wait(message: Message, until: datetime) -> None:
    offer(
        message.id, message.place_no, message.round, message.step, delay=until - datetime.now(UTC),
        key=f"{message.id}.{message.round}.{message.step}@{until:%Y-%m-%dT%H:%M}",
    )  # fmt: skip


def _answered(message: Message, decision: Decision, answer: Answer | None) -> Iterator[dict[str, Any]]:
    """What the gateway said, or that it said nothing: then the same step is offered again for as long as patience lasts."""
    if answer is None:
        waited = datetime.now(UTC) - decision.step_since
        if waited < timedelta(minutes=decision.here.patience_minutes):
            pause = timedelta(minutes=1) if waited < timedelta(minutes=10) else timedelta(minutes=5)
            offer(message.id, message.place_no, message.round, message.step, delay=pause)
            return
        answer = Refused("gateway_down")
    yield from _passed(message, decision)
    yield _recorded(message, decision, answer)


def _said_before(turns: Sequence[Turn]) -> dict[int, str]:
    """Why the last try of each message failed in this round, by message."""
    if not turns:
        return {}
    query = (
        sa.select(Attempt.message_id, Attempt.reason)
        .where(
            sa.tuple_(Attempt.message_id, Attempt.round).in_([(one.message, one.turn) for one in turns]),
            Attempt.state.in_(("failed", "expired")),
        )
        .order_by(Attempt.step)
    )
    return {row.message_id: row.reason for row in db.session.execute(query)}


def _give_up(message: Message, passed: list[Passed], tried: str) -> None:
    """No rung is left: what was tried last says why; else the first rung that could not be taken."""
    told = [one.reason for one in passed if one.reason in rules.MENDABLE and one.reason != "no_contact"]
    any_way = [one.reason for one in passed if one.reason != "no_contact"]
    message.state = "failed"
    message.reason = tried or next(iter((*told, *any_way)), "no_contact")


def _recorded(message: Message, decision: Decision, answer: Answer) -> dict[str, Any]:
    here, way, gateway = decision.here, decision.way, _gateway(decision)
    assert way is not None
    due = datetime.now(UTC) + timedelta(minutes=way.wait_minutes) if gateway.receipts and way.wait_minutes > 0 else None
    noted = _try(message, decision) | {
        "step": way.step, "channel": way.channel, "gateway": gateway.name, "size": way.size, "currency": here.currency,
    }  # fmt: skip
    message.channel, message.step = way.channel, way.step
    if isinstance(answer, Refused):
        next_rung(message, way.step)
        return noted | {"state": "failed", "reason": answer.reason}
    message.state, message.reason = "sent", ""
    message.cost_minor = message.cost_minor + way.cost_minor
    return noted | {"state": "sent", "reference": answer.reference, "cost_minor": way.cost_minor, "receipt_due_at": due}


def next_rung(message: Message, failed_step: int) -> None:
    """The step failed: the next one is taken by a job of its own."""
    message.state, message.step = "queued", failed_step + 1
    message.step_since = sa.func.clock_timestamp()
    offer(
        message.id, message.place_no, message.round, failed_step + 1,
        key=f"{message.id}.{message.round}.{failed_step + 1}",
    )  # fmt: skip


def _passed(message: Message, decision: Decision) -> Iterator[dict[str, Any]]:
    """Rungs passed over stand on the message's page with their reason."""
    for one in decision.passed:
        yield _try(message, decision) | {"step": one.step, "channel": one.channel, "state": "skipped", "reason": one.reason}


def _try(message: Message, decision: Decision) -> dict[str, Any]:
    """A try as far as nothing was tried: all have the same columns, so that many are one statement."""
    return {
        "place_no": message.place_no, "message_id": message.id, "round": message.round, "gateway": "", "reference": "",
        "reason": "", "size": 0, "cost_minor": 0, "currency": "", "policy_ids": list(decision.here.policy_ids),
        "receipt_due_at": None,
    }  # fmt: skip
