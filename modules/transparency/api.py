"""What other modules do with the public log: write a step of theirs, and read steps back."""

from __future__ import annotations

from core.sdk import add_questions
from modules.transparency.entries import BadEntry
from modules.transparency.questions import LogQuestions
from modules.transparency.services import append, commit, erase, index_of, leaves, opened, size, steps
from modules.transparency.services.proving import tlog_proof
from modules.transparency.services.reading import Step

__all__ = ["BadEntry", "Step", "append", "commit", "erase", "index_of", "leaves", "opened", "size", "steps", "tlog_proof"]

add_questions(LogQuestions)
