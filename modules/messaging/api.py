"""What other modules ask of messaging: tell somebody something, and what became of it. Gateways find their contract here."""

from __future__ import annotations

from core.sdk import add_questions
from modules.messaging import words
from modules.messaging.contract import (
    Accepted,
    BadReceipt,
    Gateway,
    GatewayDown,
    Outgoing,
    Receipt,
    Refused,
)
from modules.messaging.questions import Questions
from modules.messaging.services.correcting import correct
from modules.messaging.services.reading import Delivery, OwnText, for_account, for_records, own_texts
from modules.messaging.services.receipts import receive
from modules.messaging.services.sending import Recipient, send

__all__ = [
    "Accepted",
    "BadReceipt",
    "Delivery",
    "Gateway",
    "GatewayDown",
    "Outgoing",
    "OwnText",
    "Receipt",
    "Recipient",
    "Refused",
    "correct",
    "for_account",
    "for_records",
    "own_texts",
    "receive",
    "send",
    "words",
]

add_questions(Questions)
