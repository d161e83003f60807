"""What other modules do with the public log: write a step of theirs, and read steps back."""

from __future__ import annotations

from modules.transparency.entries import BadEntry
from modules.transparency.services import append, index_of, leaves, size, steps
from modules.transparency.services.reading import Step

__all__ = ["BadEntry", "Step", "append", "index_of", "leaves", "size", "steps"]
