"""Erase one record because the person it is about asked: with its trace in the history, and certified like a purge."""

from __future__ import annotations

import secrets
from typing import ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.host.retention.holds import standing
from core.host.retention.purges import PurgeCertificate, digest_of
from core.host.retention.rules import RULES
from core.security import scope as scopes
from core.text import _


class UnderHold(Refusal):
    """A legal hold keeps the module's data at the place."""

    code: ClassVar[str] = "retention.under-hold"


def held(rule_name: str, place: int) -> bool:
    """Whether a legal hold keeps the data of a rule's module at a place; internal, under a system scope."""
    found = standing(RULES.find(rule_name).module)
    return any(hold.place_no is None or low <= place <= high for hold, (low, high) in found)


def erase(rule_name: str, pk: int, place: int, law: str) -> int:
    """Delete a record a rule keeps, with all that hangs on it, and blank both in the history; gives the certificate's number.

    The caller asked for its own permission and made sure that nothing needs the record. Commits. Raises `UnderHold`.
    """
    rule, me = RULES.find(rule_name), scopes.current()
    table = rule.model.__table__
    (key,) = table.primary_key.columns
    # The history recognizes by actor and reason what this erasure deleted: the token makes both its own.
    with scopes.system(f"the person asked ({secrets.token_hex(8)})", actor="erasure"):
        if held(rule_name, place):
            raise UnderHold(_("A legal hold keeps this data for now. It can be erased when the hold is lifted."))
        since = db.session.scalar(sa.text("select coalesce(max(id), 0) from core.change"))
        certificate = PurgeCertificate(
            rule=rule.name, table_name=rule.table, place_no=place, on_day=me.on_date, rows=1, state="done",
            digest=digest_of(rule.table, [rule.name, pk]), actor=me.actor, account_id=me.account_id,
            reason="the person asked", finished_at=sa.func.clock_timestamp(),
            periods=[{"places": [place, place], "up_to": me.on_date.isoformat(), "period": "", "policy": "", "law": law}],
        )  # fmt: skip
        db.session.add(certificate)
        db.session.flush()
        db.session.execute(sa.delete(table).where(key == pk))
        certificate.forgotten = db.session.scalar(
            sa.text("select core.forget_history(:certificate, :since)"), {"certificate": certificate.id, "since": since}
        )
        number = int(certificate.id)
        db.session.commit()
    return number
