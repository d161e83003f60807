"""The right edge of a growing tree: what a signer keeps so that it never needs the old leaves again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from modules.transparency.merkle import EMPTY, node_hash


@dataclass
class Frontier:
    """Roots of the complete subtrees of a log, largest first; their sizes are the bits of `size`."""

    size: int = 0
    stack: list[bytes] = field(default_factory=list)

    def add(self, leaf_hashes: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
        """Go on with leaves; gives each subtree of 256^level leaves that became complete: (level, number, hash)."""
        for leaf in leaf_hashes:
            found, size, height = leaf, self.size, 0
            while size & 1:
                found = node_hash(self.stack.pop(), found)
                size, height = size >> 1, height + 1
                if not height % 8:
                    yield height // 8, size, found
            self.stack.append(found)
            self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.stack:
            return EMPTY
        found = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            found = node_hash(left, found)
        return found

    def copy(self) -> Frontier:
        """The same edge, to go on from without changing this one."""
        return Frontier(self.size, list(self.stack))
