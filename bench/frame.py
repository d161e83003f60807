"""The frame of every bench: three sizes, ours beside the baseline in one run, the ratio and how cost grows with the work."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: How fast cost may grow with the work (exponent): a batch in proportion, a page hardly at all.
BATCH, PAGE = 1.1, 0.2


@dataclass(frozen=True)
class Pair:
    """One measurement: ours, and the baseline of the same run (None where the goal is an absolute figure)."""

    ours: float
    baseline: float | None = None


Measured = Mapping[str, Pair]


@dataclass(frozen=True)
class Bench:
    """One line of work: `measure` is given the sizes and yields each size with the figures of its parts."""

    name: str
    work: str
    unit: str
    baseline: str
    full: int
    goals: Mapping[str, float | None]
    measure: Callable[[Sequence[int]], Iterable[tuple[int, Measured]]]
    more_is_better: bool = False
    #: The limit of the exponent; None for work that has one size only.
    growth: float | None = None
    #: The baseline is the same work at every size: growth is read off the ratios, which a drifting machine leaves alone.
    steady: bool = False


@dataclass
class Result:
    """One part of a bench over all sizes, judged."""

    bench: str
    part: str
    work: str
    unit: str
    baseline: str
    goal: float | None
    more_is_better: bool
    limit: float | None
    steady: bool = False
    points: list[tuple[int, Pair]] = field(default_factory=list)

    @property
    def last(self) -> Pair:
        """The figures at the largest size."""
        return self.points[-1][1]

    @property
    def ratio(self) -> float | None:
        """Ours ÷ baseline at the largest size; ours itself where no baseline is meant."""
        pair = self.last
        if pair.baseline is None:
            return pair.ours
        return pair.ours / pair.baseline if pair.baseline else None

    @property
    def exponent(self) -> float | None:
        """How the cost grows with the size."""
        figures = [(size, pair.ours / (pair.baseline or 1 if self.steady else 1)) for size, pair in self.points]
        return exponent([(size, 1 / figure if self.more_is_better else figure) for size, figure in figures])

    @property
    def reached(self) -> bool:
        """Whether the ratio reaches its goal."""
        if self.goal is None or self.ratio is None:
            return True
        return self.ratio >= self.goal if self.more_is_better else self.ratio <= self.goal

    @property
    def grows_too_fast(self) -> bool:
        """Whether cost grows faster than this kind of work may."""
        return self.limit is not None and self.exponent is not None and self.exponent > self.limit

    def as_json(self) -> dict[str, Any]:
        """The result as `dolbom bench --json` prints it."""
        return {
            "bench": self.bench, "part": self.part, "work": self.work, "unit": self.unit, "baseline": self.baseline,
            "sizes": [{"size": size, "ours": pair.ours, "baseline": pair.baseline} for size, pair in self.points],
            "ratio": self.ratio, "goal": self.goal, "better": "more" if self.more_is_better else "less",
            "reached": self.reached, "exponent": self.exponent, "exponent_limit": self.limit,
            "grows_too_fast": self.grows_too_fast,
        }  # fmt: skip


def sizes(full: int, scale: int = 1) -> list[int]:
    """The three sizes of a bench: ÷100, ÷10 and 1, all divided by `scale`; work of one size has one."""
    return sorted({max(1, full // scale // part) for part in (100, 10, 1)})


def exponent(costs: Sequence[tuple[int, float]]) -> float | None:
    """Slope of log cost over log size by least squares: 1 grows in proportion, 2 is quadratic, 0 does not grow."""
    points = [(math.log(size), math.log(cost)) for size, cost in costs if size > 0 and cost > 0]
    if len({x for x, _cost in points}) < 2:
        return None
    mean_x, mean_y = (statistics.fmean(axis) for axis in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _y in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def seconds(work: Callable[[], object]) -> float:
    """How long one run takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(ours: Callable[[], object], baseline: Callable[[], object], times: int, warm: int = 1) -> Pair:
    """The median of several runs of each after some that are not counted; in turns, so that both meet the same machine."""
    for _run in range(warm):
        ours(), baseline()
    mine, theirs = zip(*((seconds(ours), seconds(baseline)) for _run in range(times)), strict=True)
    return Pair(statistics.median(mine), statistics.median(theirs))


def run(bench: Bench, scale: int = 1) -> list[Result]:
    """Measure one bench at its sizes; the parts come in the order of the goals."""
    results = {
        part: Result(
            bench.name, part, bench.work, bench.unit, bench.baseline, goal, bench.more_is_better, bench.growth,
            bench.steady,
        )
        for part, goal in bench.goals.items()
    }
    wanted = sizes(bench.full, scale) if bench.growth is not None else [max(1, bench.full // scale)]
    for size, measured in bench.measure(wanted):
        for part, pair in measured.items():
            results[part].points.append((size, pair))
    return list(results.values())


def run_all(benches: Iterable[Bench], scale: int = 1) -> Iterator[Result]:
    """Measure several benches, one after the other: they would disturb each other."""
    for bench in benches:
        yield from run(bench, scale)
