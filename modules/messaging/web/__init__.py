"""Messaging outside the office: one's own messages, and the address where gateways bring receipts."""

from __future__ import annotations

from modules.messaging.web import mine, receipts
from modules.messaging.web.blueprint import bp

__all__ = ["bp", "mine", "receipts"]
