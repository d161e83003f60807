"""The tree of RFC 6962 §2.1: hashes of leaves and nodes, roots, proofs of inclusion and of consistency. Pure.

A tree of n leaves has its left child over the largest power of two below n. Proofs are lists of 32-byte hashes in the
order of RFC 6962; `hashes(start, end)` gives the root over complete or right-most subtrees, so that a caller may answer
from tiles or a table instead of from all leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import ClassVar

from core.sdk import DolbomError

#: Root over the leaves start … end (end excluded), both of one subtree of the log.
Subtree = Callable[[int, int], bytes]


class BadProof(DolbomError):
    """A proof does not lead from what it begins with to the root."""

    code: ClassVar[str] = "transparency.bad-proof"
    http: ClassVar[int] = 400


def leaf_hash(entry: bytes) -> bytes:
    """The hash under which an entry stands in the tree."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


EMPTY = sha256(b"").digest()


def split(size: int) -> int:
    """The size of the left subtree of a tree of `size` > 1 leaves."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in one pass: complete subtrees are joined as they fill."""
    if not leaves:
        return EMPTY
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        level, found = 0, leaf
        while stack and stack[-1][0] == level:
            found = node_hash(stack.pop()[1], found)
            level += 1
        stack.append((level, found))
    found = stack.pop()[1]
    while stack:
        found = node_hash(stack.pop()[1], found)
    return found


def subtrees_of(leaves: Sequence[bytes]) -> Subtree:
    """Answer roots of subtrees from all leaf hashes, for small logs and tests."""
    return lambda start, end: root(leaves[start:end])


def inclusion(index: int, size: int, over: Subtree) -> list[bytes]:
    """The proof that the leaf at `index` stands in the tree of `size` leaves. Raises `BadProof` outside of it."""
    if not 0 <= index < size:
        raise BadProof(f"There is no leaf {index} in a tree of {size}.")
    start, end, proof = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            proof.append(over(middle, end))
            end = middle
        else:
            proof.append(over(start, middle))
            start = middle
    return proof[::-1]


def consistency(old: int, new: int, over: Subtree) -> list[bytes]:
    """The proof that the first `old` leaves of the tree of `new` leaves are the tree of `old`. Raises `BadProof`."""
    if not 0 <= old <= new:
        raise BadProof(f"A tree of {new} cannot grow out of one of {old}.")
    if old in (0, new):
        return []
    return _consistency(old, 0, new, over, whole=True)


def _consistency(old: int, start: int, end: int, over: Subtree, *, whole: bool) -> list[bytes]:
    """RFC 6962 §2.1.2, SUBPROOF: `whole` while the old tree is the whole subtree and its root needs not be told."""
    if start + old == end:
        return [] if whole else [over(start, end)]
    middle = split(end - start)
    if old <= middle:
        return [*_consistency(old, start, start + middle, over, whole=whole), over(start + middle, end)]
    return [*_consistency(old - middle, start + middle, end, over, whole=False), over(start, start + middle)]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> None:
    """Raises `BadProof` unless the proof leads from the leaf's hash to the root of the tree of `size` leaves."""
    if not 0 <= index < size:
        raise BadProof(f"There is no leaf {index} in a tree of {size}.")
    found = leaf
    for other, is_left in _way_up(index, size - 1, proof):
        found = node_hash(other, found) if is_left else node_hash(found, other)
    if found != expected:
        raise BadProof("The proof leads to another root.")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises `BadProof` unless the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 <= old <= new:
        raise BadProof(f"A tree of {new} cannot grow out of one of {old}.")
    if old == 0 < new:
        raise BadProof("Every tree grows out of the empty one: there is nothing to prove.")
    if old == new:
        if proof or old_root != new_root:
            raise BadProof("Two trees of one size have one root, and no proof.")
        return
    position, last = old - 1, new - 1
    while position & 1:  # up to the largest complete subtree at the old tree's right edge
        position, last = position >> 1, last >> 1
    # Where that subtree is the whole old tree, its root is known and not told.
    begin, rest = (proof[:1], proof[1:]) if position else ([old_root], proof)
    if not begin:
        raise BadProof("The proof is too short.")
    before = after = begin[0]
    for other, is_left in _way_up(position, last, rest):
        if is_left:
            before, after = node_hash(other, before), node_hash(other, after)
        else:
            after = node_hash(after, other)
    if before != old_root or after != new_root:
        raise BadProof("The proof leads to other roots.")


def _way_up(position: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each hash of a proof with whether it stands to the left of the way from a node to the root.

    `position` is the node's number on its level, `last` the number of the last one there. Raises `BadProof` when the
    proof is longer or shorter than the way.
    """
    for other in proof:
        if last == 0:
            raise BadProof("The proof is too long.")
        is_left = bool(position & 1) or position == last
        yield other, is_left
        while is_left and position and not position & 1:
            position, last = position >> 1, last >> 1
        position, last = position >> 1, last >> 1
    if last != 0:
        raise BadProof("The proof is too short.")
