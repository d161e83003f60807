"""A family's receipt: its first leaf, what it opens, and the way to a head that witnesses signed (point 9)."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from core.sdk import db
from modules.transparency.models import Leaf
from modules.transparency.services.opening import opened
from modules.transparency.services.proving import tlog_proof


@dataclass(frozen=True)
class Receipt:
    """Where an entry's first leaf stands; `text` is the sealed proof, empty while it waits for the seal."""

    index: int
    leaf_hash: str
    text: str


def receipt_of(entry: str) -> Receipt | None:
    """The receipt of an entry by its pseudonym; internal to the services that asked, as the system."""
    first = db.session.scalar(sa.select(Leaf).where(Leaf.subject == entry).order_by(Leaf.index).limit(1))
    if first is None:
        return None
    said = first.entry.decode()
    fields = opened(entry, json.loads(said).get("commit", ""))
    extra = json.dumps({"entry": said, "fields": fields}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Receipt(int(first.index), first.hash.hex(), tlog_proof(first.hash, extra.encode()) or "")
