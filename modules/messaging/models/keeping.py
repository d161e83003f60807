"""How long messages are kept: proof that somebody was told is needed for two years, then it goes with its attempts."""

from __future__ import annotations

from core.sdk import RetentionRule, _, declare_retention
from modules.messaging.models.message import Message
from modules.messaging.models.opt_out import OptOut

MESSAGES = declare_retention(
    RetentionRule(
        "messaging.message", Message, Message.written_at, keep="2y", policy="messaging.retention.message",
        title=_("Messages sent"),
    )
)  # fmt: skip
OPT_OUTS = declare_retention(
    RetentionRule("messaging.opt_out", OptOut, OptOut.ended_at, keep="1y", title=_("Ended wishes for no promotional messages"))
)
