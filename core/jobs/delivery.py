"""Do deliveries: in the system's session, under the sender's name, place and language.

A module that is off at the row's place gets nothing: the row is parked as skipped with the reason, never lost
silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale

from core.db.base import db
from core.jobs import attempts, events, handlers, inside, outside, payloads
from core.jobs.attempts import DUE, FREE, Attempt, Delivery, Result, outbox
from core.jobs.handlers import KEY, PROGRESS, Handler
from core.jobs.progress import Progress
from core.regions import activation
from core.security import access
from core.security import scope as scopes
from core.security.identity import EVERYWHERE


class Work:
    """What the two ways of working need: the rows, their handler (or why there is none) and how to call it."""

    def __init__(self, rows: Sequence[Delivery], worker: str) -> None:
        self.rows, self.row, self.worker = rows, rows[0], worker
        self.handler: Handler | None = None
        self.refused: handlers.UnknownHandler | None = None
        self.progress: Progress | None = None
        try:
            self.handler = handlers.book().find(self.row.handler, self.row.name)
        except handlers.UnknownHandler as error:
            self.refused = error

    def off(self) -> str | None:
        """Why the module gets nothing here and now, if so."""
        if self.handler is None or self._is_on():
            return None
        where = "anywhere" if self.row.place_no == EVERYWHERE else f"at place {self.row.place_no}"
        day = scopes.current().on_date
        return f"{self.row.module} was not switched on {where} on {day}. Switch it on, then send this again."

    def _is_on(self) -> bool:
        module, at = self.row.module, self.row.place_no
        return activation.is_active(module) if at == EVERYWHERE else activation.is_active_within(module, at)

    def call(self, mine: Sequence[Attempt]) -> None:
        """Call the handler with its event or payload, and what else it asks for."""
        if self.refused or self.handler is None:
            raise self.refused or handlers.UnknownHandler(self.row.handler)
        kind = self.handler.together
        if kind is not None:
            ids = {one.id for one in mine}
            self.handler.call([_item(self.handler, kind, row) for row in self.rows if row.id in ids])
            return
        extra: dict[str, Any] = {}
        if KEY in self.handler.takes:
            extra[KEY] = self.row.idempotency_key
        if PROGRESS in self.handler.takes:
            extra[PROGRESS] = self.progress = Progress(mine[0], db.engines["system"])
        mark = self.handler.mark
        if mark.event is not None:
            self.handler.call(events.from_json(mark.event, self.row.payload), **extra)
        else:
            self.handler.call(**payloads.decode(mark.name, self.handler.fields, self.row.payload), **extra)


def _item(handler: Handler, kind: type[Any], row: Delivery) -> Any:
    """One payload of a handler that takes several."""
    return kind(
        **payloads.decode(handler.mark.name, handler.fields, row.payload), **{KEY: row.idempotency_key}
    )


def groups(rows: Sequence[Delivery]) -> list[list[Delivery]]:
    """The rows as they are done: alone, or together what one handler takes together from one sender at one place.

    What failed before goes alone, so that a row that cannot be done keeps nobody else from going.
    """
    book, found = handlers.book().handlers, dict[object, list[Delivery]]()
    for row in rows:
        handler = book.get((row.handler, row.name))
        joins = row.fresh and handler is not None and handler.together is not None
        found.setdefault(_sender(row) if joins else row.id, []).append(row)
    return list(found.values())


def _sender(row: Delivery) -> tuple[object, ...]:
    return (row.handler, row.name, row.place_no, row.account_id, row.actor, row.language, row.reason)


def deliver(rows: Sequence[Delivery], worker: str) -> Counter[Result]:
    """Do a group of deliveries, or note why not; `taken` are those somebody else has or that are over.

    Raises only when the database is lost: then the rows are as they were.
    """
    with _as_sender(rows):
        work = Work(rows, worker)
        if work.handler is not None and work.handler.mark.effect == "outside":
            return outside.work(work)
        return Counter([inside.work(work)])


@contextmanager
def _as_sender(rows: Sequence[Delivery]) -> Iterator[None]:
    """The system's session with a reason that leads back to the row, and the sender's own reason after it."""
    row, more = rows[0], f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    what = f"{row.kind} {row.name} for module {row.module} (outbox {row.id}{more})"
    scope = scopes.Scope(
        "system", row.actor, f"{what}: {row.reason}" if row.reason else what, account_id=row.account_id,
        place=None if row.place_no == EVERYWHERE else row.place_no, language=row.language,
    )  # fmt: skip
    with access.asking(), force_locale(row.language), scopes.use(scope):
        yield


def drain(limit: int = 1_000) -> Counter[str]:
    """Do everything that is due in this process, without Redis and workers: for tests and scripts.

    Counts by result, at most `limit` deliveries, including those that the deliveries themselves cause.
    """
    results: Counter[str] = Counter()
    query = sa.select(outbox.c.id).where(DUE, FREE).order_by(outbox.c.id).limit(100)
    while sum(results.values()) < limit:
        with db.engines["system"].connect() as connection:
            ids = connection.scalars(query).all()
            rows = attempts.peek(connection, ids)
        before = sum(results.values()) - results["taken"]
        for group in groups(rows):
            results.update(deliver(group, "drain"))
        if sum(results.values()) - results["taken"] == before:
            break
    return results
