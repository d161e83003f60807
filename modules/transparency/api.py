"""What other modules do with the public log: write a step of theirs, and read steps back."""

from __future__ import annotations

from modules.transparency.entries import BadEntry
from modules.transparency.services import append, commit, erase, index_of, leaves, opened, size, steps
from modules.transparency.services.reading import Step

__all__ = ["BadEntry", "Step", "append", "commit", "erase", "index_of", "leaves", "opened", "size", "steps"]
