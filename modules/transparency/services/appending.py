"""Add a leaf in the business transaction: there is no step without its leaf and no leaf without its step (point 7)."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from core.sdk import DolbomError, db, scope
from modules.transparency.entries import canonical
from modules.transparency.merkle import leaf_hash
from modules.transparency.models import Staged


class NotTheSystem(DolbomError):
    """A person's own session would write the log."""

    code: ClassVar[str] = "transparency.not-the-system"
    http: ClassVar[int] = 500


def append(kind: str, place: int | None = None, **facts: int | str) -> bytes:
    """Add a leaf about a list of a place; gives its hash; internal to the services that asked, as the system.

    The leaf gets its index at the commit, behind all locks the transaction needs: the log has one order, so it has one
    lock, and whoever waited for a list while holding it would stop everybody. `index_of` tells the index afterwards.
    Raises `BadEntry`, `NotTheSystem`.
    """
    if scope.current().kind != "system":
        raise NotTheSystem("A leaf is written by the system, after a service asked: open scope.system first.")
    entry = canonical(kind, facts)
    db.session.execute(sa.insert(Staged).values(place_no=place, kind=kind, entry=entry))
    return leaf_hash(entry)
