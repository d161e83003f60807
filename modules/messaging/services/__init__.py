"""What messaging does: write, bring, believe receipts, correct, word, print, and leave in peace who wants that."""

from __future__ import annotations

from modules.messaging.services.correcting import correct
from modules.messaging.services.letters import print_letters
from modules.messaging.services.opting_out import opt_in, opt_out
from modules.messaging.services.phrases import suggestions, write_to
from modules.messaging.services.reading import read
from modules.messaging.services.receipts import overtake, receive
from modules.messaging.services.sending import Recipient, send
from modules.messaging.services.wording import approve, decide_provider, draft, reject, submit

__all__ = [
    "Recipient",
    "approve",
    "correct",
    "decide_provider",
    "draft",
    "opt_in",
    "opt_out",
    "overtake",
    "print_letters",
    "read",
    "receive",
    "reject",
    "send",
    "submit",
    "suggestions",
    "write_to",
]
