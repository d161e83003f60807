"""The log as static files, for anybody's mirror and verifier: C2SP `tlog-tiles` with its policy and the order shown (point 11)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import DolbomError, db, write_whole
from modules.transparency.models import Leaf
from modules.transparency.notes import BadNote, Checkpoint, Note, Verifier
from modules.transparency.services.comparing import shown
from modules.transparency.services.proving import Sealed, newest, tile_hashes
from modules.transparency.services.watching import policy_text
from modules.transparency.tiles import WIDTH, Tile, bundle, tiles_of

#: Seconds to wait for the signer to seal what is there.
PATIENCE = 15


class CannotPublish(DolbomError):
    """Nothing is sealed, or the folder holds another log."""

    code: ClassVar[str] = "transparency.cannot-publish"


def content(tile: Tile) -> bytes:
    """What is in a tile or a bundle; public, so internal asks nobody."""
    if tile.level >= 0:
        return b"".join(tile_hashes(tile))
    start = tile.number * WIDTH
    query = sa.select(Leaf.entry).where(Leaf.index >= start, Leaf.index < start + tile.width).order_by(Leaf.index).limit(WIDTH)
    return bundle(list(db.session.scalars(query)))


def publish(folder: Path, log: Verifier, url: str = "", progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Write what a folder lacks of the log, its head last; gives size, files and lists. Stopped half-way, it goes on when called again.

    It is internal to the command, as the system. Raises `CannotPublish`.
    """
    at, lists = shown()
    db.session.rollback()
    head = _sealed(at)
    tiles = list(tiles_of(head.size, _there(folder, log, head)))
    for done, tile in enumerate(tiles, start=1):
        _write(folder / tile.path, content(tile))
        if progress is not None:
            progress(done, len(tiles))
    _write(folder / "policy.txt", policy_text(log, url).encode())
    order = {name: [one[0] for one in standing] for name, standing in lists.items()}
    _write(folder / "ranking.json", json.dumps({"lists": order, "size": at}, sort_keys=True).encode())
    _write(folder / "checkpoint", head.note.encode())
    return {"size": head.size, "files": len(tiles) + 3, "lists": len(lists), "witnesses": head.witnesses}


def _sealed(least: int) -> Sealed:
    """The head over everything that is shown; the signer may need a moment."""
    until = time.monotonic() + PATIENCE
    while True:
        head = newest(least=least)
        db.session.rollback()
        if head is not None:
            return head
        if time.monotonic() > until:
            raise CannotPublish("The signer has not sealed the newest steps: start it by `dolbom up` or `dolbom signer`.")
        time.sleep(0.2)


def _there(folder: Path, log: Verifier, head: Sealed) -> int:
    """How much of the log a folder holds already. Raises `CannotPublish` when it is another log's."""
    path = folder / "checkpoint"
    if not path.exists():
        return 0
    try:
        note = Note.read(path.read_text(encoding="utf-8"))
        found = Checkpoint.read(note.text)
        if note.signed_by([log]) and found.origin == log.name and found.size <= head.size:
            return found.size
    except (BadNote, UnicodeDecodeError):
        pass
    raise CannotPublish(f"{folder} holds another log or a damaged one: choose an empty folder.")


def _write(path: Path, raw: bytes) -> None:
    write_whole(path, raw)
    path.chmod(0o644)  # a web server under another user hands them out
    for parent in path.parents[:4]:
        if parent.stat().st_mode & 0o777 == 0o700:
            parent.chmod(0o755)
        if parent.name in ("tile", ""):
            break
