"""A request to reset or unlock is only written down at the door; this work looks at it afterwards, where nobody can watch.

So the answer at the door cannot differ in words or time: nothing is known there yet.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db.base import db
from core.host import hooks
from core.jobs.handlers import job
from core.jobs.outbox import enqueue
from core.security import addresses, contacts, recovering
from core.security import scope as scopes
from core.security.accounts import Account, Post
from core.security.contacts import Contact
from core.security.recovering import ResetRequest


def ask(login: str, proof: str, purpose: str) -> None:
    """Take a request from anybody, right or wrong, known or not: the same two rows. Commits (S1-221, S1-224)."""
    with scopes.system("somebody asks for a way in", actor="reset"):
        enqueue("core.reset.answer", request=recovering.note(login, proof, purpose))
        db.session.commit()


@job("core.reset.answer")
def answer(request: int) -> None:
    """Send the link somebody asked for"""
    row = db.session.get(ResetRequest, request, with_for_update=True)
    if row is None or row.outcome != "waiting":
        return
    account = recovering.subject(row)
    row.account_id = account.id if account else None
    row.outcome = _answered(row, account)
    row.proof = ""  # whatever was typed: people type a password into the wrong field
    if account is None:
        row.login = ""
    db.session.flush()


def _answered(row: ResetRequest, account: Account | None) -> str:
    if account is None:
        return "unknown"
    if recovering.too_late(row):
        return "late"
    own = contacts.confirmed(account.id)
    meant = next((one for one in own if one.address.ends_with(row.proof)), None)
    if meant is None and not _rings(account, row.proof):
        return "wrong"
    to: Contact | None = meant or next(iter(own), None)
    if to is None:
        return "no contact"  # the district starts a reset, and a second officer agrees
    if recovering.too_many(account):
        return "too many"
    recovering.send(row, account, to)
    return "sent"


def _rings(account: Account, proof: str) -> bool:
    """Whether this is the telephone number of a facility the person works at today."""
    today = scopes.current().on_date
    numbers = db.session.scalars(
        sa.select(Post.place_no).where(
            Post.account_id == account.id, Post.first_day <= today, sa.or_(Post.last_day.is_(None), Post.last_day >= today)
        )
    ).all()
    phones = [phone for found in hooks.ask_all("facility_phones", numbers=list(numbers)) for phone in found.values()]
    return any(addresses.same_number(phone, proof) for phone in phones)
