"""Add a leaf in the business transaction: there is no step without its leaf and no leaf without its step (point 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import DolbomError, db, scope
from modules.transparency.entries import canonical
from modules.transparency.merkle import leaf_hash


class NotTheSystem(DolbomError):
    """A person's own session would write the log."""

    code: ClassVar[str] = "transparency.not-the-system"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Appended:
    """Where a leaf stands, for the receipt."""

    index: int
    hash: bytes


def append(kind: str, place: int | None = None, **facts: int | str) -> Appended:
    """Add a leaf about the list of a place; internal to the services that asked, in the system's session.

    Call it last in the transaction: until the commit nobody else can add a leaf, which is what gives the log its one order.
    Raises `BadEntry`, `NotTheSystem`.
    """
    if scope.current().kind != "system":
        raise NotTheSystem("A leaf is written by the system, after a service asked: open scope.system first.")
    entry = canonical(kind, facts)
    index = db.session.scalar(sa.text("select transparency.append(:place, :kind, :entry)"), {"place": place, "kind": kind, "entry": entry})
    return Appended(int(index), leaf_hash(entry))
