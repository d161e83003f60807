"""How the place of one entry came about, step by step, out of the leaves of its list (E-02)."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from core.sdk import db
from modules.transparency.models import Leaf
from modules.transparency.replay import Line, Replay

#: The longest list whose history is told, in leaves.
MOST = 100_000


def rank_history(list_name: str, entry: str) -> list[dict[str, Any]]:
    """Each change of an entry's rank: leaf, day, from, to (None: not waiting) and why; public, so internal asks nobody."""
    rows = db.session.execute(
        sa.select(Leaf.index.label("at"), Leaf.entry, Leaf.subject, Leaf.kind)
        .where(Leaf.list == list_name)
        .order_by(Leaf.index)
        .limit(MOST)
    )
    replay, rank, found = Replay(), None, list[dict[str, Any]]()
    for row in rows:
        line = replay.lines.get(list_name)
        before = _ahead(line, entry, row.subject)
        replay.take([(row.at, row.entry)])
        line = replay.lines.get(list_name)
        if row.subject == entry or row.kind == "rule":
            now = _counted(line, entry)
        elif rank is None:
            continue
        else:
            now = rank - before + _ahead(line, entry, row.subject)
        if now != rank:
            facts = json.loads(row.entry)
            reason = facts.get("refusal") or facts.get("reason") or row.kind
            found.append({"leaf": row.at, "at": facts["on"], "from": rank, "to": now, "reason": reason, "own": row.subject == entry})
            rank = now
    return found


def _ahead(line: Line | None, entry: str, other: str | None) -> int:
    """1 when another entry waits before ours."""
    mine = line.entries.get(entry) if line else None
    theirs = line.entries.get(other) if line and other else None
    if line is None or mine is None or theirs is None or theirs.state != "waiting":
        return 0
    return int(line.key(theirs) < line.key(mine))


def _counted(line: Line | None, entry: str) -> int | None:
    mine = line.entries.get(entry) if line else None
    if line is None or mine is None or mine.state != "waiting":
        return None
    key = line.key(mine)
    return 1 + sum(one.state == "waiting" and line.key(one) < key for one in line.entries.values())
