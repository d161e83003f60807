"""Proofs out of the log, for receipts and witnesses: read from few hashes, not from all leaves (points 9 and 10)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.sdk import db
from modules.transparency.merkle import Subtree, inclusion
from modules.transparency.models import Checkpoint, Cosignature, Leaf, Node, Witness
from modules.transparency.services.reading import index_of
from modules.transparency.tiles import WIDTH, Tile, over_tiles

#: A head has at most so many witnesses' lines.
MOST = 100


def tile_hashes(tile: Tile) -> list[bytes]:
    """The hashes of a tile of level 0 or more; public, so internal asks nobody."""
    start = tile.number * WIDTH
    if tile.level == 0:
        query = sa.select(Leaf.hash).where(Leaf.index >= start, Leaf.index < start + tile.width).order_by(Leaf.index)
    else:
        query = (
            sa.select(Node.hash)
            .where(Node.level == tile.level, Node.number >= start, Node.number < start + tile.width)
            .order_by(Node.number)
        )
    return list(db.session.scalars(query.limit(WIDTH)))


def subtrees(size: int) -> Subtree:
    """Roots of subtrees of the log at a size that was signed; public, so internal asks nobody."""
    read: dict[Tile, Sequence[bytes]] = {}

    def hashes(tile: Tile) -> Sequence[bytes]:
        if tile not in read:
            read[tile] = tile_hashes(tile)
        return read[tile]

    return over_tiles(size, hashes)


@dataclass(frozen=True)
class Sealed:
    """A head with all its signatures as one note, and how many witnesses are among them."""

    size: int
    root: bytes
    note: str
    at: datetime
    witnesses: int


def newest(*, least: int = 0) -> Sealed | None:
    """The newest head over at least so many leaves that most witnesses signed, else the newest; public, so internal asks nobody."""
    wanted = quorum_of(witness_count())
    count = sa.select(sa.func.count()).where(Cosignature.size == Checkpoint.size).scalar_subquery()
    query = sa.select(Checkpoint).where(Checkpoint.size >= least).order_by((count >= wanted).desc(), Checkpoint.size.desc())
    head = db.session.scalar(query.limit(1))
    return sealed(head) if head is not None else None


def sealed(head: Checkpoint) -> Sealed:
    """A head with the witnesses' lines under it; internal."""
    lines = list(
        db.session.scalars(
            sa.select(Cosignature.line).where(Cosignature.size == head.size).order_by(Cosignature.witness_id).limit(MOST)
        )
    )
    return Sealed(int(head.size), head.root, head.note + "".join(lines), head.at, len(lines))


def witness_count() -> int:
    """How many witnesses watch the log now; internal."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Witness).where(Witness.ended_at.is_(None))) or 0


def quorum_of(witnesses: int) -> int:
    """How many of n witnesses a head needs: 3 of 4, 1 of 1; two heads of one size then share an honest witness (f < 2k − n)."""
    return witnesses // 2 + 1 if witnesses else 0


def tlog_proof(leaf_hash: bytes, extra: bytes = b"") -> str | None:
    """A receipt as C2SP `tlog-proof` writes it; None until the leaf is sealed; internal to the services that asked."""
    index = index_of(leaf_hash)
    head = newest(least=index + 1) if index is not None else None
    if head is None or index is None:
        return None
    proof = inclusion(index, head.size, subtrees(head.size))
    lines = ["c2sp.org/tlog-proof@v1", *([f"extra {base64.b64encode(extra).decode()}"] if extra else []), f"index {index}"]
    return "\n".join([*lines, *(base64.b64encode(one).decode() for one in proof), "", head.note])
