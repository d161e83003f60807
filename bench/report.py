"""The figures as a document: machine, commit, date and command beside every table, so that a figure can be checked."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.frame import Result

NOTES = "## Notes"
#: From this load on, other work disturbs the figures more than the code does.
BUSY = 2.0


@dataclass(frozen=True)
class Circumstances:
    """Where, when and how the figures were taken."""

    command: str
    at: str
    commit: str
    machine: str
    load: tuple[float, ...]
    scale: int

    @classmethod
    def now(cls, command: str, scale: int, root: Path) -> Circumstances:
        """Look at this machine."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        machine = f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, Python {platform.python_version()}"
        load = tuple(round(one, 1) for one in os.getloadavg())
        return cls(command, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", _commit(root), machine, load, scale)

    @property
    def busy(self) -> bool:
        """Whether other work was on the machine when the run began."""
        return self.load[0] > BUSY


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit(root: Path) -> str:
    asked = ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def as_json(results: Sequence[Result], how: Circumstances) -> dict[str, Any]:
    """One document of a run."""
    return {
        "ok": all(result.reached and not result.grows_too_fast for result in results),
        **asdict(how), "busy": how.busy, "results": [result.as_json() for result in results],
    }  # fmt: skip


def figure(value: float | None) -> str:
    """Three digits that count: 0.0123, 1.23, 123, 12,300."""
    if value is None:
        return "–"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def line(result: Result) -> str:
    """One row of the table."""
    sign = "≥" if result.more_is_better else "≤"
    goal = "–" if result.goal is None else f"{sign} {figure(result.goal)}"
    growth = "–"
    if result.exponent is not None and result.limit is not None:
        growth = f"{result.exponent:.2f} (≤ {result.limit})"
    verdict = "" if result.goal is None and result.limit is None else "yes"
    if not result.reached or result.grows_too_fast:
        verdict = "**no**"
    cells = (
        f"`{result.bench}`", result.part, f"{result.points[-1][0]:,}", f"{figure(result.last.ours)} {result.unit}",
        "–" if result.last.baseline is None else f"{figure(result.last.baseline)} {result.unit}",
        figure(result.ratio), goal, growth, verdict,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def table(results: Sequence[Result]) -> str:
    """The Markdown table of a run."""
    head = ("bench", "part", "size", "ours", "baseline", "ratio", "goal", "growth", "reached")
    rows = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*rows, *(line(result) for result in results)])


def document(results: Sequence[Result], how: Circumstances, notes: str = "") -> str:
    """docs/performance.md: what was measured, how, and the table."""
    size = "full sizes" if how.scale == 1 else f"sizes divided by {how.scale}: **not** the sizes of the goals"
    load = ", ".join(map(str, how.load))
    busy = " Other work was running, so times are too long and gaps under 1.5× are ties." if how.busy else ""
    what = {result.bench: f"* `{result.bench}`: {result.work}; baseline: {result.baseline}." for result in results}
    meaning = (
        "Each figure of ours stands beside a baseline measured in the same run; goals are ratios, because absolute figures\n"
        "belong to one machine. Growth is the exponent of cost over size (1 = in proportion), taken at three sizes."
    )
    facts = (
        f"* Command: `{how.command}` ({size})\n* Date: {how.at}\n* Commit: {how.commit}\n* Machine: {how.machine}\n"
        f"* Load when the run began (1, 5, 15 minutes): {load}.{busy}"
    )
    parts = [
        "# Performance",
        meaning,
        facts,
        table(results),
        "## What is measured",
        "\n".join(what.values()),
    ]
    return "\n\n".join(parts) + "\n" + (f"\n{notes.strip()}\n" if notes else "")


def write(path: Path, results: Sequence[Result], how: Circumstances) -> None:
    """Write the document anew; the hand-written notes at its end stay."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    notes = old[old.index(NOTES) :] if NOTES in old else ""
    path.write_text(document(results, how, notes), encoding="utf-8")
