"""Read the log: everybody may."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.sdk import db
from modules.transparency.models import Checkpoint, Leaf

#: So many leaves at most in one reading: a bundle of static files has 256.
MOST = 4_096


def size() -> int:
    """How many leaves there are; everybody may know, nobody is asked: internal to pages and the signer."""
    last = db.session.scalar(sa.select(Leaf.index).order_by(Leaf.index.desc()).limit(1))
    return 0 if last is None else int(last) + 1


def leaves(start: int, end: int, place: int | None = None) -> list[Leaf]:
    """The leaves from `start` to before `end`, up to `MOST` of them; of one place's lists if asked; public, so internal asks nobody."""
    query = sa.select(Leaf).where(Leaf.index >= start, Leaf.index < end)
    if place is not None:
        query = query.where(Leaf.place_no == place)
    return list(db.session.scalars(query.order_by(Leaf.index).limit(MOST)))


def index_of(leaf_hash: bytes) -> int | None:
    """The index of the leaf with this hash, None before its transaction has committed; public, so internal asks nobody."""
    found = db.session.scalar(sa.select(sa.func.max(Leaf.index)).where(Leaf.hash == leaf_hash))
    return None if found is None else int(found)


@dataclass(frozen=True)
class Step:
    """A leaf as a page shows it: what happened to whom (by pseudonym), when, and the facts of its entry."""

    index: int
    at: datetime
    kind: str
    subject: str
    facts: dict[str, Any]


def steps(
    place: int | None = None, *, list_name: str = "", subjects: Sequence[str] = (), kinds: Sequence[str] = (), since: int = 0, limit: int = 50
) -> list[Step]:
    """The last steps of a place's lists, newest first; of one list, these pseudonyms or kinds alone; public, so internal asks nobody."""
    query = sa.select(Leaf).where(Leaf.index >= since)
    if place is not None:
        query = query.where(Leaf.place_no == place)
    if list_name:
        query = query.where(Leaf.list == list_name)
    if kinds:
        query = query.where(Leaf.kind.in_(list(kinds)))
    if subjects:
        query = query.where(Leaf.subject.in_(list(subjects)))
    return [step_of(leaf) for leaf in db.session.scalars(query.order_by(Leaf.index.desc()).limit(min(limit, MOST)))]


def step_of(leaf: Leaf) -> Step:
    """A leaf with its entry read."""
    facts = json.loads(leaf.entry)
    return Step(leaf.index, leaf.at, leaf.kind, leaf.subject or "", facts)


def indexes_of(hashes: Sequence[bytes]) -> dict[bytes, int]:
    """The indexes of leaves by their hashes; public, so internal asks nobody."""
    rows = db.session.execute(sa.select(Leaf.hash, Leaf.index.label("at")).where(Leaf.hash.in_(list(hashes))).order_by(Leaf.index))
    return {row.hash: int(row.at) for row in rows}


def head() -> tuple[int, str]:
    """Size and root (hexadecimal) of the newest sealed head; nothing sealed is (0, ""); public, so internal asks nobody."""
    found = db.session.execute(sa.select(Checkpoint.size, Checkpoint.root).order_by(Checkpoint.size.desc()).limit(1)).first()
    return (int(found.size), found.root.hex()) if found else (0, "")


def head_at(size_: int) -> Checkpoint | None:
    """The head that was signed over so many leaves, if one was; public, so internal asks nobody."""
    return db.session.get(Checkpoint, size_)
