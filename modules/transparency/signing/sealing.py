"""Sign heads of the log: a longer one only, one root for each size, and only what begins with what was signed before."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import DolbomError, db
from modules.transparency.frontier import Frontier
from modules.transparency.merkle import leaf_hash
from modules.transparency.models import Checkpoint, Leaf, Node
from modules.transparency.notes import Checkpoint as Head
from modules.transparency.notes import Signer, sign
from modules.transparency.services.alarming import alarm
from modules.transparency.services.reading import MOST, size
from modules.transparency.signing.mark import Mark

logger = logging.getLogger("dolbom.transparency")
#: Signed again after so long (seconds), also when nothing happened: a head tells that the signer lives.
AGAIN = 24 * 3600
#: All leaves are read again and compared after so long (seconds).
LOOK_BACK = 3600


class Inconsistent(DolbomError):
    """The log does not begin with what was signed."""

    code: ClassVar[str] = "transparency.inconsistent"


class Sealer:
    """One signer at work; `turn` once a second."""

    def __init__(self, signer: Signer, mark: Mark) -> None:
        self.signer, self.mark = signer, mark
        self.looked_back = self.signed = 0.0
        self.refused = ""

    def turn(self) -> int | None:
        """Sign what is new; gives the size that was signed. As the system; commits. Raises nothing for a bad log: it refuses."""
        now = time.monotonic()
        try:
            if self.refused or not self.looked_back or now - self.looked_back > LOOK_BACK:
                self._look_back()
                self.looked_back = now
            there = size()
            if there < self.mark.frontier.size:
                raise Inconsistent(f"The log has {there} leaves; {self.mark.frontier.size} were signed.")
        except Inconsistent as error:
            if str(error) != self.refused:
                logger.error("the signer refuses this log: %s", error)  # noqa: TRY400  what is wrong is the log, not the code
                alarm("head", str(error))
                db.session.commit()
            self.refused = str(error)
            return None
        self.refused = ""
        if there == self.mark.frontier.size and self._is_signed(there) and now - self.signed < AGAIN:
            return None
        self._sign(there)
        self.signed = now
        return there

    def _look_back(self) -> None:
        """All leaves up to the mark once more: they give the root that was signed, or the past was changed."""
        mark, seen = self.mark.frontier, Frontier()
        for leaves in hashes_of_leaves(0, mark.size):
            for _complete in seen.add(leaves):
                pass
        if seen.size != mark.size or seen.root != mark.root:
            raise Inconsistent(
                f"The first {mark.size} leaves give the root {seen.root.hex()}, but {mark.root.hex()} was signed."
            )

    @staticmethod
    def _is_signed(at: int) -> bool:
        return bool(db.session.scalar(sa.select(sa.exists().where(Checkpoint.size == at))))

    def _sign(self, there: int) -> None:
        edge = self.mark.frontier.copy()
        for leaves in hashes_of_leaves(edge.size, there):
            nodes = [{"level": level, "number": number, "hash": found} for level, number, found in edge.add(leaves)]
            if nodes:
                db.session.execute(insert(Node).values(nodes).on_conflict_do_nothing())
        db.session.commit()  # hashes of what is there: they promise nothing
        self.mark.keep(edge)  # before the signature exists
        head = Head(self.signer.name, edge.size, edge.root)
        note = str(sign(str(head), [self.signer]))
        db.session.execute(insert(Checkpoint).values(size=edge.size, root=edge.root, note=note).on_conflict_do_nothing())
        db.session.commit()


def hashes_of_leaves(start: int, end: int) -> Iterator[list[bytes]]:
    """Hashes of the leaves, computed from what is in them, a few thousand at a time."""
    while start < end:
        query = sa.select(Leaf.index.label("at"), Leaf.entry).where(Leaf.index >= start, Leaf.index < min(start + MOST, end)).order_by(Leaf.index)
        rows = db.session.execute(query).all()
        if [row.at for row in rows] != list(range(start, min(start + MOST, end))):
            raise Inconsistent(f"Leaves are missing after {start}.")
        yield [leaf_hash(row.entry) for row in rows]
        start += len(rows)
