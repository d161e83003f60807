"""Messaging in the back office: what was sent, letters to print, the texts, what it costs, and writing by hand."""

from __future__ import annotations

from modules.messaging.admin.costs import CostsPage
from modules.messaging.admin.letters import LettersPage
from modules.messaging.admin.messages import MessagesView
from modules.messaging.admin.wordings import WordingsPage
from modules.messaging.admin.writing import WritingPage

__all__ = ["CostsPage", "LettersPage", "MessagesView", "WordingsPage", "WritingPage"]
