"""Believe what gateways tell: receipts may come late, twice, out of order, or for messages nobody sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from logging import getLogger

import sqlalchemy as sa

from core.sdk import db, require
from modules.messaging import rules
from modules.messaging.contract import Receipt
from modules.messaging.models import Attempt, Message
from modules.messaging.services.dispatching import next_rung

#: Receipts taken in one go.
MOST = 1_000
_log = getLogger("dolbom.messaging")


def receive(gateway: str, receipts: Sequence[Receipt]) -> Counter[str]:
    """Note what became of messages: counts `changed`, `known` (said before, or older news) and `unknown`."""
    require("messaging.message.send")
    counts: Counter[str] = Counter()
    named = {one.reference: one for one in receipts[:MOST] if one.reference}
    counts["unknown"] = sum(not one.reference for one in receipts[:MOST])
    rows = _locked(Attempt.gateway == gateway, Attempt.reference.in_(list(named)))
    by_reference = {attempt.reference: (attempt, message) for attempt, message in rows}
    for one in receipts[:MOST]:
        if not one.reference:
            continue
        if one.reference not in by_reference:
            counts["unknown"] += 1
            continue
        attempt, message = by_reference[one.reference]
        counts["changed" if _believe(attempt, message, one) else "known"] += 1
    if counts["unknown"]:
        _log.warning("receipts for messages nobody sent", extra={"facts": {"gateway": gateway, "count": counts["unknown"]}})
    db.session.flush()
    return counts


def overtake(limit: int = 500) -> int:
    """Take the next step for messages whose receipt did not come in its time; gives how many there were."""
    require("messaging.message.send")
    late = _locked(Attempt.state == "sent", Attempt.receipt_due_at < sa.func.clock_timestamp(), limit=limit)
    for attempt, message in late:
        _believe(attempt, message, Receipt(attempt.reference, "expired", "no_receipt"))
    db.session.flush()
    return len(late)


def waiting(gateway: str, limit: int = 500) -> list[str]:
    """References whose receipt is awaited, the oldest first."""
    require("messaging.message.send")
    query = sa.select(Attempt.reference).where(
        Attempt.state == "sent", Attempt.gateway == gateway, Attempt.receipt_due_at.is_not(None)
    )
    return list(db.session.scalars(query.order_by(Attempt.receipt_due_at).limit(limit)))


def _locked(*conditions: sa.ColumnElement[bool], limit: int = MOST) -> list[tuple[Attempt, Message]]:
    query = (
        sa.select(Attempt, Message)
        .join(Message, Message.id == Attempt.message_id)
        .where(*conditions)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update()
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _believe(attempt: Attempt, message: Message, one: Receipt) -> bool:
    """A receipt moves an attempt forward or not at all; the message follows if it still stands on that attempt."""
    if not rules.moves(attempt.state, one.outcome):
        return False
    attempt.state, attempt.receipt_at = one.outcome, datetime.now(UTC)
    attempt.reason = "" if one.outcome == "delivered" else _reason(one)
    if one.outcome == "delivered":
        # Also when a later rung is on its way: the person has it. What waits in the outbox finds nothing to do.
        if message.state in ("queued", "sent", "failed", "letter") and message.round == attempt.round:
            message.state, message.reason, message.channel = "delivered", "", attempt.channel
        return True
    stands = message.state == "sent" and (message.round, message.step) == (attempt.round, attempt.step)
    if stands:
        next_rung(message, attempt.step)
    return True


def _reason(one: Receipt) -> str:
    if one.reason in rules.REASONS:
        return one.reason
    return "no_receipt" if one.outcome == "expired" else "refused"
