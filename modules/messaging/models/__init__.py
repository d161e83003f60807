"""The tables of messaging, in schema `messaging`."""

from __future__ import annotations

from modules.messaging.models.keeping import MESSAGES, OPT_OUTS
from modules.messaging.models.message import ATTEMPT_STATES, STATES, Attempt, Message
from modules.messaging.models.opt_out import OptOut
from modules.messaging.models.wording import WORDING_STATES, Phrase, Wording

__all__ = [
    "ATTEMPT_STATES",
    "MESSAGES",
    "OPT_OUTS",
    "STATES",
    "WORDING_STATES",
    "Attempt",
    "Message",
    "OptOut",
    "Phrase",
    "Wording",
]
