"""The order that pages show beside the order the log gives: they are one, or there is an alarm (point 1)."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import ask_all, db
from modules.transparency.models import Leaf
from modules.transparency.replay import Replay
from modules.transparency.services.alarming import alarm
from modules.transparency.services.reading import MOST, size

#: So often a quiet moment is waited for before the log is held for the time of one reading.
TRIES = 3


def shown() -> tuple[int, dict[str, list[tuple[str, int, int]]]]:
    """Every list as its pages show it, and the size of the log at that very moment; internal, lists are public."""
    for _attempt in range(TRIES):
        before, lists = size(), _lists()
        if size() == before:
            return before, lists
    # Hold what every step takes last: nobody moves a list until this transaction ends.
    db.session.execute(sa.text("select pg_advisory_xact_lock(hashtextextended('transparency.log', 0))"))
    return size(), _lists()


def _lists() -> dict[str, list[tuple[str, int, int]]]:
    return {name: order for found in ask_all("rankings") for name, order in found}


def compare() -> int:
    """Replay the whole log and compare it with what is shown; gives the number of alarms; internal to the nightly job."""
    until, lists = shown()
    replay = Replay()
    for start in range(0, until, MOST):
        rows = db.session.execute(
            sa.select(Leaf.index.label("at"), Leaf.entry).where(Leaf.index >= start, Leaf.index < min(start + MOST, until)).order_by(Leaf.index)
        )
        replay.take((row.at, row.entry) for row in rows)
    for index, rule in replay.broken:
        alarm("step", f"Leaf {index}: {rule}.")
    from_log = {name: line.standing() for name, line in replay.lines.items()}
    different = [name for name in sorted({*lists, *from_log}) if (lists.get(name) or []) != (from_log.get(name) or [])]
    for name in different:
        alarm("list", f"{name}: what is shown is not what the log says at {until} leaves.")
    return len(replay.broken) + len(different)
