"""The gateway itself: it keeps what it took under the keys it was given, and answers the same for the same key."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import atlas, db, scope
from modules.messaging.api import Accepted, BadReceipt, GatewayDown, Outgoing, Receipt, Refused
from plugins.gateway_sandbox import rules
from plugins.gateway_sandbox.models import Delivery, Outage

OUTCOMES = ("delivered", "failed", "expired")


class Sandbox:
    """Takes all channels; reaches nobody."""

    name = "gateway_sandbox"
    channels = frozenset({"alimtalk", "sms", "lms", "email"})
    receipts = True

    def send(self, messages: Sequence[Outgoing]) -> list[Accepted | Refused]:
        """Take messages, or refuse them, each as its number says. Raises `GatewayDown` in an outage."""
        ways = [_manner(message) for message in messages]
        time.sleep(sum(how.slow for how in ways))
        with scope.system("the practice gateway takes messages"):
            if any(_is_down(place) for place in {message.place for message in messages}):
                raise GatewayDown("The practice gateway is down: it was told to be.")
            rows = _keep(messages, ways)
        return [Refused(row.refused) if row.refused else Accepted(row.reference) for row in rows]

    def read(self, body: bytes, headers: Mapping[str, Any]) -> list[Receipt]:
        """Receipts as this gateway writes them: a JSON list of {reference, outcome, reason}."""
        try:
            told = json.loads(body)
            found = [Receipt(str(one["reference"]), one["outcome"], str(one.get("reason", ""))) for one in told]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadReceipt("Send a JSON list of {reference, outcome, reason}.") from error
        if any(one.outcome not in OUTCOMES for one in found):
            raise BadReceipt(f"outcome is one of {', '.join(OUTCOMES)}.")
        return found

    def poll(self, references: Sequence[str]) -> list[Receipt]:
        """What can be told by now; some are told twice, and one number tells of a message nobody sent."""
        with scope.system("the practice gateway tells what became of messages"):
            query = sa.select(Delivery.reference, Delivery.recipient, Delivery.outcome, Delivery.reason).where(
                Delivery.reference.in_(list(references)), Delivery.told_from <= sa.func.clock_timestamp()
            )
            rows = db.session.execute(query).all()
        told: list[Receipt] = []
        for row in rows:
            receipt = Receipt(row.reference, row.outcome, row.reason)
            told += [receipt] * (2 if rules.ending(row.recipient) == rules.TWICE else 1)
            if rules.ending(row.recipient) == rules.WITH_A_STRANGER:
                told.append(Receipt(f"stranger-{uuid4().hex[:8]}", "delivered"))
        return told


def _is_down(place: int) -> bool:
    query = sa.select(Outage.id).where(
        Outage.place_no.in_(atlas().chain(place)), Outage.ends_at > sa.func.clock_timestamp()
    )
    return db.session.scalar(query.limit(1)) is not None


def _manner(message: Outgoing) -> rules.Manner:
    size = len(message.text) if message.channel == "alimtalk" else len(message.text.encode("cp949", "replace"))
    return rules.manner(message.to, message.channel, size, message.template_code)


def _keep(messages: Sequence[Outgoing], ways: Sequence[rules.Manner]) -> list[Any]:
    """Write each message under its key, once; gives the rows there are, in order."""
    values = [_row(message, how) for message, how in zip(messages, ways, strict=True)]
    db.session.execute(insert(Delivery).on_conflict_do_nothing(index_elements=["place_no", "key"]), values)
    columns = (Delivery.place_no, Delivery.key, Delivery.reference, Delivery.refused)
    keys = [(message.place, message.key) for message in messages]
    rows = db.session.execute(sa.select(*columns).where(sa.tuple_(Delivery.place_no, Delivery.key).in_(keys))).all()
    db.session.commit()
    found = {(row.place_no, row.key): row for row in rows}
    return [found[key] for key in keys]


def _row(message: Outgoing, how: rules.Manner) -> dict[str, Any]:
    told = None if how.told_after is None or how.refused else datetime.now(UTC) + timedelta(seconds=how.told_after)
    return {
        "place_no": message.place, "key": message.key, "reference": f"sb-{uuid4().hex}", "channel": message.channel,
        "sender": message.sender, "recipient": message.to, "subject": message.subject, "text": message.text,
        "refused": how.refused, "outcome": "" if how.refused else how.outcome, "reason": how.reason, "told_from": told,
    }  # fmt: skip
