"""The city or province around a place: within it one child is looked for, never beyond."""

from __future__ import annotations

from core.sdk import atlas


def city(place: int) -> tuple[int, int]:
    """The block of numbers of the city or province a place lies in."""
    node = next(node for node in reversed(atlas().path(place)) if node.level != "district")
    return node.no, node.hi
