"""What other modules do with the public log: write a step of theirs, and read steps back."""

from __future__ import annotations

from core.sdk import add_questions
from modules.transparency.entries import BadEntry
from modules.transparency.questions import LogQuestions
from modules.transparency.services import append, commit, ended, erase, index_of, leaves, opened, size, steps
from modules.transparency.services.ranks import rank_history
from modules.transparency.services.reading import Step, head, indexes_of
from modules.transparency.services.receipts import Receipt, receipt_of

__all__ = [
    "BadEntry",
    "Receipt",
    "Step",
    "append",
    "commit",
    "ended",
    "erase",
    "head",
    "index_of",
    "indexes_of",
    "leaves",
    "opened",
    "rank_history",
    "receipt_of",
    "size",
    "steps",
]


add_questions(LogQuestions)
