"""The outbox: an intent is a row in the sender's transaction, so it exists exactly when its fact does.

Redis only rings; the row is the truth. A row ends as done, dead (all retries used; people see it) or skipped
(its module is off at its place; people see it and can send it again when the module is on).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.db.base import db
from core.errors import Forbidden
from core.jobs import handlers, payloads
from core.jobs.handlers import PROGRESS, Handler
from core.jobs.models import JobRun, Outbox
from core.security import scope as scopes
from core.security.identity import EVERYWHERE
from core.security.rows import OutOfScope


def enqueue(
    name: str,
    place: int | None = None,
    key: str | None = None,
    delay: timedelta | None = None,
    **payload: Any,
) -> int | None:
    """Have the job `module.noun.verb` run after the caller's commit, not before `delay`; gives its outbox id.

    With a `key`, a job of that name and place is written once only: None says that it was there already.
    Raises `UnknownHandler`, `BadPayload`, or `OutOfScope` when `place` lies outside the caller's post.
    """
    handler = handlers.book().job(name)
    stored = payloads.encode(name, handler.fields, payload)
    ids = write([handler], name, stored, place=place, key=key, delay=delay)
    return ids[0] if ids else None


def write(
    receivers: Sequence[Handler], name: str, payload: Mapping[str, Any],
    *, place: int | None = None, key: str | None = None, delay: timedelta | None = None,
) -> list[int]:  # fmt: skip
    """Write a row for each receiver in the caller's transaction, under the caller's name, with the reason."""
    me = scopes.current()
    if me.kind == "public":
        raise Forbidden("Visitors cause no background work: do it as the system, with a reason.")
    if place is not None and not me.covers(place) and not me.own_only:
        raise OutOfScope(
            f"{name} belongs to place {place}, which is outside your post. Switch to a post at that place."
        )
    if not receivers:
        return []
    common = {
        "name": name, "payload": dict(payload), "key": key,
        "place_no": EVERYWHERE if place is None else place,
        "actor": me.actor, "account_id": me.account_id, "reason": me.reason, "language": me.language,
        "available_at": sa.func.clock_timestamp() + (delay or timedelta()),
    }  # fmt: skip
    rows = [
        {
            **common, "kind": r.mark.kind, "module": r.module, "handler": r.id, "queue": r.mark.queue,
            "retries": r.mark.retries,
        }
        for r in receivers
    ]  # fmt: skip
    statement = insert(Outbox).values(rows)
    if key is not None:
        statement = statement.on_conflict_do_nothing(
            index_elements=["place_no", "name", "key"], index_where=sa.text("key is not null")
        )
    written = db.session.execute(statement.returning(Outbox.id, Outbox.handler)).all()
    _announce(written, {r.id: r for r in receivers if PROGRESS in r.takes}, common)
    return [row.id for row in written]


def _announce(written: Sequence[Any], long: dict[str, Handler], common: dict[str, Any]) -> None:
    """Handlers that report progress are shown as waiting from the start."""
    shared = {name: common[name] for name in ("place_no", "account_id")}
    found = [row for row in written if row.handler in long]
    runs = [{"outbox_id": row.id, "title": long[row.handler].title, **shared} for row in found]
    if runs:
        db.session.execute(insert(JobRun).values(runs))
