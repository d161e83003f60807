"""What every campaign offers to the runner: rounds of figures, when figures break the promise, controls that must."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Counts and measures of one round; counts of the same name are added up over rounds.
Figures = dict[str, Any]


@dataclass(frozen=True)
class Campaign:
    """One promise of integrity.md and the attack on it.

    `play(number, folder)` is one round, the same for the same number; it may keep what it likes in `folder`. Rounds go
    on until the count `figure` reaches `until`. `broken(figures)` lists what in them breaks the promise. Each control
    plays a round with one safeguard taken out: its figures must be broken, or the campaign proves nothing.
    """

    name: str
    promise: str
    figure: str
    until: int
    play: Callable[[int, Path], Figures]
    broken: Callable[[Figures], list[str]]
    controls: Mapping[str, Callable[[Path], Figures]]


def total(rounds: list[Figures]) -> Figures:
    """Counts added up, measures (numbers with a fraction) at their largest."""
    found: Figures = {}
    for figures in rounds:
        for name, value in figures.items():
            before = found.get(name, 0)
            found[name] = max(before, value) if isinstance(value, float) else before + value
    return found
