"""What the signer remembers by itself: how far it signed, and the right edge of that tree. Kept before a signature leaves.

Whoever holds the database and the web cannot make it sign another past: it goes on from its own memory, and refuses a
log that does not begin with it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.sdk import DolbomError, write_whole
from modules.transparency.frontier import Frontier


class LostMark(DolbomError):
    """The signer's memory is gone or damaged, or belongs to another log."""

    code: ClassVar[str] = "transparency.lost-mark"


@dataclass
class Mark:
    """How far a signer signed the log of an origin."""

    path: Path
    origin: str
    frontier: Frontier

    @classmethod
    def read(cls, path: Path, origin: str) -> Mark | None:
        """The memory in a file; None when there never was one. Raises `LostMark`."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            found = cls(path, kept["origin"], Frontier(int(kept["size"]), [bytes.fromhex(one) for one in kept["stack"]]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise LostMark(f"{path} cannot be read ({error}): restore it from a backup, or see `dolbom signer --help`.") from None
        if found.origin != origin:
            raise LostMark(f"{path} belongs to the log {found.origin}, the key to {origin}: put them back together.")
        if len(found.frontier.stack) != found.frontier.size.bit_count() or found.frontier.root.hex() != kept["root"]:
            raise LostMark(f"{path} is damaged: restore it from a backup, or see `dolbom signer --help`.")
        return found

    def keep(self, frontier: Frontier) -> None:
        """Remember a longer tree, on disk before this returns."""
        text = json.dumps(
            {
                "origin": self.origin, "size": frontier.size, "root": frontier.root.hex(),
                "stack": [one.hex() for one in frontier.stack],
            }
        )  # fmt: skip
        write_whole(self.path, text.encode())
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name too, not only what is in the file
        finally:
            os.close(folder)
        self.frontier = frontier
