"""Where static files of a log lie and what is in them: C2SP `tlog-tiles`, levels of 256 hashes. Pure.

A tile of level L holds up to 256 hashes, each over 256^L leaves; the last one of a level may be partial and then carries
its width in its name. An entry bundle holds the entries themselves, each after its length in two bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.sdk import DolbomError
from modules.transparency.merkle import BadProof, Subtree, node_hash, root

HEIGHT = 8
WIDTH = 1 << HEIGHT
#: The longest entry a bundle can hold.
LONGEST = 0xFFFF


class BadTile(DolbomError):
    """A tile or bundle is cut, too long, or is not there."""

    code: ClassVar[str] = "transparency.bad-tile"
    http: ClassVar[int] = 400


@dataclass(frozen=True)
class Tile:
    """One tile: level (−1 for entries), number in its level, and how many hashes (or entries) it has."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its place below the log's address: groups of three digits, all but the last after an x; `.p/W` when partial."""
        groups, rest = [f"{self.number % 1000:03}"], self.number // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level < 0 else str(self.level)
        return f"tile/{level}/{'/'.join(reversed(groups))}{'' if self.width == WIDTH else f'.p/{self.width}'}"


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """The tiles and bundles that a log of `size` leaves has and that were not all there at size `since`."""
    for level in (-1, *range(64 // HEIGHT)):
        above = max(level, 0) * HEIGHT
        have, had = size >> above, since >> above
        if not have:
            return
        for number in range(had // WIDTH, -(-have // WIDTH)):
            width = min(WIDTH, have - number * WIDTH)
            if number * WIDTH + width > had:
                yield Tile(level, number, width)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle holds them. Raises `BadTile`."""
    if any(len(entry) > LONGEST for entry in entries):
        raise BadTile(f"An entry has at most {LONGEST} bytes.")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(raw: bytes, width: int) -> list[bytes]:
    """The entries of a bundle. Raises `BadTile` when it is cut or longer than it says."""
    found, at = list[bytes](), 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 2], "big")
        entry = raw[at + 2 : at + 2 + length]
        if len(raw) < at + 2 or len(entry) != length:
            raise BadTile("The bundle is cut.")
        found.append(entry)
        at += 2 + length
    if len(found) != width:
        raise BadTile(f"The bundle has {len(found)} entries where {width} belong.")
    return found


def hashes_of(raw: bytes, width: int) -> list[bytes]:
    """The hashes of a tile. Raises `BadTile` when it is cut or too long."""
    if len(raw) != 32 * width:
        raise BadTile(f"The tile has {len(raw)} bytes where {32 * width} belong.")
    return [raw[at : at + 32] for at in range(0, len(raw), 32)]


def over_tiles(size: int, hashes: Callable[[Tile], Sequence[bytes]]) -> Subtree:
    """Roots of subtrees of a log of `size` leaves, read from few tiles instead of from all leaves."""

    def level_hashes(level: int, start: int, end: int) -> list[bytes]:
        found, have = list[bytes](), size >> (level * HEIGHT)
        for number in range(start // WIDTH, -(-end // WIDTH)):
            tile = Tile(level, number, min(WIDTH, have - number * WIDTH))
            first = max(start - number * WIDTH, 0)
            found += hashes(tile)[first : min(end - number * WIDTH, WIDTH)]
        return found

    def over(start: int, end: int) -> bytes:
        if not 0 <= start < end <= size:
            raise BadProof(f"There are no leaves {start} to {end} in a log of {size}.")
        # The highest level on which the subtree begins at a hash, for its complete part; the rest from below.
        level = 0
        while (level + 1) * HEIGHT <= (end - start).bit_length() - 1 and not start % (1 << (level + 1) * HEIGHT):
            level += 1
        whole = 1 << level * HEIGHT
        complete = (end - start) // whole
        left = level_hashes(level, start // whole, start // whole + complete)
        rest = end - start - complete * whole
        if not rest:
            return root(left)
        return _joined(left, whole, over(end - rest, end), rest)

    return over


def _joined(left: Sequence[bytes], each: int, right: bytes, rest: int) -> bytes:
    """The root over complete subtrees of `each` leaves and a smaller one after them."""
    if len(left) == 1:
        return node_hash(left[0], right)
    size = len(left) * each + rest
    middle = (1 << (size - 1).bit_length() - 1) // each
    if middle == len(left):
        return node_hash(root(left), right)
    return node_hash(root(left[:middle]), _joined(left[middle:], each, right, rest))
