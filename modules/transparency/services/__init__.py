"""What may be done with the log: add to it and read it."""

from __future__ import annotations

from modules.transparency.services.appending import Appended, append
from modules.transparency.services.reading import leaves, size

__all__ = ["Appended", "append", "leaves", "size"]
