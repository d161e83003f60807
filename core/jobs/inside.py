"""Effects inside the database: lock, effect and end in one transaction, so the effect happens exactly once.

If the worker dies anywhere, the database frees the row and forgets the effect; nobody needs to notice first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from core.db.base import db
from core.db.session import ScopedSession
from core.errors import DolbomError
from core.jobs import attempts
from core.jobs.attempts import Attempt, Result
from core.jobs.failures import explain

if TYPE_CHECKING:
    from core.jobs.delivery import Work

_WORKING = "jobs.inside"


class BrokenTransaction(DolbomError):
    """A handler ended the transaction that makes its effect happen once."""

    code: ClassVar[str] = "jobs.broken-transaction"
    http: ClassVar[int] = 500


def work(work: Work) -> Result:
    """Do one delivery whose effect is inside the database."""
    session = db.session()
    mine = attempts.lock(session, work.row.id, work.worker)
    if mine is None:
        return "taken"
    off = work.off()
    if off is not None:
        attempts.end(session, mine, "skipped", off)
        session.commit()
        return "skipped"
    savepoint = session.begin_nested()
    try:
        with _no_commit(session):
            work.call([mine])
            _settle(session, savepoint)
    except Exception as error:  # noqa: BLE001  whatever a handler raises is its failure, not the worker's
        return _failed(session, savepoint, work, mine, error)
    if work.progress is not None:
        work.progress.finish()
    attempts.end(session, mine, "done")
    session.commit()
    return "done"


def _settle(session: Session, savepoint: SessionTransaction) -> None:
    """Let everything that a commit would refuse be refused now, as the handler's failure."""
    if not savepoint.is_active or session.get_nested_transaction() is not savepoint:
        raise BrokenTransaction(
            "The handler ended its delivery's transaction: leave commit and rollback to the host."
        )
    session.flush()
    session.execute(sa.text("set constraints all immediate"))
    savepoint.commit()


def _failed(
    session: Session, savepoint: SessionTransaction, work: Work, mine: Attempt, error: Exception
) -> Result:
    """Undo the effect, keep the failure: in the same transaction if it still stands, else in a new one."""
    again: Attempt | None = mine
    if savepoint.is_active:
        savepoint.rollback()
    else:
        session.rollback()
        again = attempts.lock(session, work.row.id, work.worker)
    if again is None:
        return "taken"
    attempts.end(session, again, "failed", explain(error))
    session.commit()
    return "failed"


@contextmanager
def _no_commit(session: Session) -> Iterator[None]:
    session.info[_WORKING] = True
    try:
        yield
    finally:
        del session.info[_WORKING]


@event.listens_for(ScopedSession, "before_commit")
def _only_the_host_commits(session: Session) -> None:
    if session.info.get(_WORKING) and session.get_nested_transaction() is None:
        raise BrokenTransaction(
            'A handler with effect="inside" must not commit: its work and its end are one transaction. '
            'Use a savepoint (begin_nested), or declare effect="outside" and commit by progress.checkpoint().'
        )
