"""Seeing the product as another role sees it at a place, without being able to change anything there (F-44).

The browser's session remembers the view; the database transaction is read-only, so no code path can forget it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import SessionTransaction

from core.db.base import db
from core.db.session import ScopedSession
from core.errors import Refusal
from core.security import places, roles
from core.security import scope as scopes
from core.security.access import require
from core.security.audit import Reading
from core.security.reasons import because
from core.text import _

#: A view ends by itself, so that nobody forgets to be somebody else (seconds).
LONGEST = 30 * 60


class ViewOnly(Refusal):
    """Something was to be changed while seeing as another role."""

    code: ClassVar[str] = "viewing.read-only"
    http: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__(_("You only look here as another role. Change back to your own post to work."))


@dataclass(frozen=True)
class View:
    """A role at a place that is looked at; `block` is the region's block of numbers, or the facility twice."""

    role: str
    place: int
    block: tuple[int, int]
    until: float

    def for_session(self) -> dict[str, Any]:
        """What the browser's signed session keeps."""
        return {"role": self.role, "place": self.place, "block": list(self.block), "until": self.until}

    def scope(self, mine: scopes.Scope) -> scopes.Scope:
        """What that role would see there; the person stays who they are in every log."""
        region = self.block[0] != self.block[1]
        return scopes.Scope(
            kind="user",
            actor=mine.actor,
            account_id=mine.account_id,
            role=self.role,
            place=self.place,
            facilities=() if region else (self.place,),
            ranges=(self.block,) if region else (),
            on_date=mine.on_date,
            language=mine.language,
            reason=f"seen as {self.role}",
        )


_looking: ContextVar[bool] = ContextVar("dolbom_looking", default=False)


def begin(role: str, place: int, *, reason: str) -> View:
    """Look as a narrower role at a place of one's own; kept with its reason among the readings. The caller commits."""
    require("core.post.see_as", at=place)
    wanted = roles.book.get(role)
    roles.check_place(wanted, place)
    roles.check_giver(wanted)
    words, me = because(reason), scopes.current()
    db.session.execute(
        sa.insert(Reading.__table__).values(
            actor=me.actor,
            account_id=me.account_id,
            reason=words,
            table_name="core.post",
            pk=role,
            fields=["seen as"],
            place_no=place,
        )
    )
    return View(role, place, (place, places.end_of(place)), time.time() + LONGEST)


def of(kept: Mapping[str, Any] | None, mine: scopes.Scope) -> View | None:
    """The view a session remembers, while it lasts and lies inside the scope the person has now."""
    if kept is None or kept["until"] < time.time():
        return None
    low, high = kept["block"]
    role = roles.book.find(kept["role"])
    if role is None or role.level == "self" or not mine.covers(low) or not mine.covers(high):
        return None
    return View(role.name, kept["place"], (low, high), kept["until"])


@contextmanager
def looking() -> Iterator[None]:
    """Work inside is read-only for people's sessions."""
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)


@event.listens_for(ScopedSession, "after_begin")
def _read_only(_session: ScopedSession, transaction: SessionTransaction, connection: sa.Connection) -> None:
    me = scopes.current_or_none()
    if _looking.get() and not transaction.nested and me is not None and me.kind == "user":
        connection.exec_driver_sql("set transaction read only")
