"""What may be done with the log: add to it and read it."""

from __future__ import annotations

from modules.transparency.services.appending import append
from modules.transparency.services.opening import commit, ended, erase, opened
from modules.transparency.services.reading import index_of, leaves, size, steps

__all__ = ["append", "commit", "ended", "erase", "index_of", "leaves", "opened", "size", "steps"]
