"""The page of background work that stopped: what and why, sending it again, giving it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import sqlalchemy as sa

from core.db.base import db
from core.errors import NotFound, Refusal
from core.jobs.attempts import NOW, OPEN, outbox, runs
from core.jobs.models import JobAttempt, JobDecision, Outbox
from core.security import scope as scopes
from core.security.access import require
from core.security.identity import EVERYWHERE
from core.security.reasons import said
from core.text import _

State = Literal["open", "dead", "skipped", "given_up", "done"]
Act = Literal["retry", "give_up"]

#: More is never chosen at once: the page shows fewer.
MOST = 200


class NotStopped(Refusal):
    """Only what has stopped can be sent again or given up."""

    code = "jobs.not-stopped"


class TooMany(Refusal):
    """More work was chosen at once than a page shows."""

    code: ClassVar[str] = "jobs.too-many"
    http: ClassVar[int] = 422


@dataclass(frozen=True)
class Backlog:
    """How the outbox stands, at the places of this post."""

    open: int
    dead: int
    skipped: int
    #: Seconds the longest due delivery has been waiting; the sign of missing workers.
    overdue: float


def listing(state: State, *, limit: int = 50, before: int | None = None) -> list[Outbox]:
    """Deliveries in a state at the places of this post, newest first; `before` continues from an id."""
    require("core.job.read")
    wanted = OPEN if state == "open" else outbox.c[f"{state}_at"].is_not(None)
    query = sa.select(Outbox).where(wanted).order_by(Outbox.id.desc()).limit(limit)
    if state in ("dead", "skipped"):
        query = query.where(Outbox.given_up_at.is_(None))
    if before is not None:
        query = query.where(Outbox.id < before)
    return list(db.session.scalars(query))


def one(number: int) -> Outbox:
    """One delivery at the places of this post."""
    return several([number])[0]


def several(numbers: Sequence[int]) -> list[Outbox]:
    """Deliveries at the places of this post, by number: all of them, or `NotFound`."""
    require("core.job.read")
    wanted = _bounded(numbers)
    found = {row.id: row for row in db.session.scalars(sa.select(Outbox).where(Outbox.id.in_(wanted)))}
    for number in wanted:
        if number not in found:
            raise _not_here(number)
    return [found[number] for number in wanted]


def attempts_of(number: int, *, limit: int = 200) -> list[JobAttempt]:
    """The attempts at one delivery, oldest first."""
    require("core.job.read")
    query = sa.select(JobAttempt).where(JobAttempt.outbox_id == number).order_by(JobAttempt.id).limit(limit)
    return list(db.session.scalars(query))


def decisions_of(number: int, *, limit: int = 50) -> list[JobDecision]:
    """What people decided about one delivery, newest first."""
    require("core.job.read")
    query = sa.select(JobDecision).where(JobDecision.outbox_id == number)
    return list(db.session.scalars(query.order_by(JobDecision.id.desc()).limit(limit)))


def backlog() -> Backlog:
    """Count what is open and what has stopped."""
    require("core.job.read")
    waited = sa.func.extract(
        "epoch", NOW - sa.func.min(Outbox.available_at).filter(OPEN, Outbox.lease_until.is_(None))
    )
    row = db.session.execute(
        sa.select(
            sa.func.count().filter(OPEN),
            sa.func.count().filter(Outbox.dead_at.is_not(None)),
            sa.func.count().filter(Outbox.skipped_at.is_not(None)),
            sa.func.greatest(sa.func.coalesce(waited, 0), 0),
        ).where(Outbox.done_at.is_(None), Outbox.given_up_at.is_(None))
    ).one()
    return Backlog(row[0], row[1], row[2], float(row[3]))


def retry(number: int, reason: str = "") -> None:
    """Send one stopped delivery again; see `retry_all`."""
    retry_all([number], reason)


def retry_all(numbers: Sequence[int], reason: str = "") -> int:
    """Send dead, skipped or given-up deliveries again, with all their retries; commits on its own, all or none.

    Raises `NotFound` outside the post, `Forbidden` without the right, `NotStopped` when one is done or open.
    """
    again = {
        "dead_at": None, "skipped_at": None, "given_up_at": None, "offered_at": None, "attempts": 0,
        "available_at": NOW,
    }  # fmt: skip
    require("core.job.retry")
    stopped = sa.or_(outbox.c.dead_at.is_not(None), outbox.c.skipped_at.is_not(None))
    return _decide("retry", numbers, " ".join(reason.split()), stopped, again)


def give_up(numbers: Sequence[int], *, reason: str) -> int:
    """Let stopped deliveries rest for good, with the reason; commits on its own, all or none.

    They can still be sent again until they are forgotten after a month; the decision is kept.
    """
    require("core.job.give_up")
    words = said(reason)
    stopped = sa.or_(outbox.c.dead_at.is_not(None), outbox.c.skipped_at.is_not(None))
    return _decide(
        "give_up", numbers, words, sa.and_(stopped, outbox.c.given_up_at.is_(None)), {"given_up_at": NOW}
    )


def _decide(
    act: Act, numbers: Sequence[int], reason: str, stopped: sa.ColumnElement[bool], values: dict[str, Any]
) -> int:
    """Change the rows, and note who decided it and why, in one transaction of the system's."""
    wanted = _bounded(numbers)
    names = _within(wanted, f"core.job.{act}")
    me = scopes.current()
    with scopes.system(f"{act} of jobs {', '.join(map(str, wanted))}: {reason or 'no reason needed'}"):
        changed = (
            sa.update(outbox)
            .where(outbox.c.id.in_(wanted), stopped)
            .values(values)
            .returning(outbox.c.id, outbox.c.place_no)
        )
        rows = db.session.execute(changed).all()
        missed = set(wanted) - {row.id for row in rows}
        if missed:
            raise NotStopped(
                _(
                    "Job %(number)s has not stopped: wait for it, or look at its attempts.",
                    number=min(missed),
                )
            )
        if act == "retry":
            waiting = sa.update(runs).where(runs.c.outbox_id.in_(wanted))
            db.session.execute(waiting.values(state="waiting", updated_at=NOW))
        noted = [
            {"outbox_id": row.id, "name": names[row.id], "act": act, "reason": reason, "actor": me.actor,
             "account_id": me.account_id, "place_no": row.place_no}
            for row in rows
        ]  # fmt: skip
        if noted:
            db.session.execute(sa.insert(JobDecision.__table__).values(noted))
        db.session.commit()
    return len(rows)


def _bounded(numbers: Sequence[int]) -> list[int]:
    wanted = sorted(set(numbers))
    if len(wanted) > MOST:
        raise TooMany(_("At most %(most)s can be chosen at once: choose fewer.", most=MOST))
    return wanted


def _within(numbers: Sequence[int], permission: str) -> dict[int, str]:
    """The names of the deliveries: all of them must be at places where the post may do this, else nothing happens."""
    query = sa.select(Outbox.id, Outbox.name, Outbox.place_no).where(Outbox.id.in_(numbers))
    found = {row.id: row for row in db.session.execute(query)}
    for number in numbers:
        if number not in found:
            raise _not_here(number)
    for place in sorted({row.place_no for row in found.values()}):
        require(permission, at=None if place == EVERYWHERE else place)
    return {row.id: row.name for row in found.values()}


def _not_here(number: int) -> NotFound:
    return NotFound(
        _(
            "There is no background job %(number)s here. It may belong to another place: switch your post.",
            number=number,
        )
    )
