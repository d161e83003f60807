"""Purge what is due, in batches that may be interrupted, and certify it: how many rows, which, by whom, why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import NotFound, Refusal
from core.host.retention.holds import HoldNeedsReason
from core.host.retention.plans import Span, spans, takes
from core.host.retention.rules import RULES, RetentionRule
from core.security import scope as scopes
from core.security.access import require
from core.security.identity import EVERYWHERE
from core.security.rows import PlaceScoped


class PeriodNotConfirmed(Refusal):
    """The period rests on a policy that is marked unverified."""

    code: ClassVar[str] = "retention.not-confirmed"


class StillNeeded(Refusal):
    """Other records point at rows that are due."""

    code: ClassVar[str] = "retention.still-needed"


class PurgeCertificate(PlaceScoped, db.Model):
    """Proof of a purge (rulebook, common rules): counts, table, rule, periods with their law, and a digest of the keys."""

    __tablename__ = "purge_certificate"
    __table_args__ = (
        sa.Index(
            "uq_purge_certificate_running",
            "rule",
            "place_no",
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    rule: Mapped[str]
    table_name: Mapped[str]
    on_day: Mapped[date]
    periods: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="running")
    rows: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    #: Entries of the change history that were blanked with the rows.
    forgotten: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    digest: Mapped[str]
    actor: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id"), index=True
    )
    reason: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


def digest_of(table: str, keys: Iterable[Any], before: str = "") -> str:
    """A chain over the purged keys in their order: whoever has a list of keys can check that it is this one."""
    for key in keys:
        before = sha256(f"{before}\n{table}\n{key}".encode()).hexdigest()
    return before


def check(rule_name: str, place: int, reason: str, on: date) -> None:
    """Refuse what `purge` would refuse at once: no right, no such rule, no reason, a period nobody confirmed."""
    require("core.retention.purge", at=place)
    rule = RULES.find(rule_name)
    if not reason.strip():
        raise HoldNeedsReason("Say why: the certificate carries the reason, e.g. 'yearly purge 2026'.")
    with scopes.system("look at the periods before a purge"):
        _confirmed(rule, spans(rule, place, on))


def purge(
    rule_name: str, place: int, reason: str, *,
    on: date | None = None, batch: int = 500, each: Callable[[int], None] = lambda rows: None,
) -> int:  # fmt: skip
    """Delete what a rule says is due at a place (EVERYWHERE: 0) and under no hold; returns the certificate's number.

    Commits each batch, then tells `each` its number of rows. Interrupted, the next call goes on with the same certificate and day. Raises
    `PeriodNotConfirmed`, `StillNeeded`; the certificate then stays open with what was done so far.
    """
    require("core.retention.purge", at=place)
    rule = RULES.find(rule_name)
    if not reason.strip():
        raise HoldNeedsReason("Say why: the certificate carries the reason, e.g. 'yearly purge 2026'.")
    day = on or scopes.current().on_date
    with scopes.system(f"open a purge certificate: {reason}"):
        number = _opened(rule, place, day, reason)
    # The history recognizes by actor and reason what this purge deleted: both are this certificate's alone.
    with scopes.system(f"purge certificate {number}: {reason}", actor=f"purge:{number}"):
        certificate = db.session.get_one(PurgeCertificate, number)
        while done := _batch(rule, certificate, batch):
            db.session.commit()
            each(done)
        certificate.state, certificate.finished_at = "done", sa.func.clock_timestamp()
        db.session.commit()
    return number


def _opened(rule: RetentionRule, place: int, day: date, reason: str) -> int:
    running = sa.select(PurgeCertificate.id).where(
        PurgeCertificate.rule == rule.name,
        PurgeCertificate.place_no == place,
        PurgeCertificate.state == "running",
    )
    found = db.session.scalar(running)
    if found is not None:
        return found
    periods = spans(rule, place, day)
    _confirmed(rule, periods)
    me = scopes.current()
    certificate = PurgeCertificate(
        rule=rule.name, table_name=rule.table, place_no=place, on_day=day, digest=digest_of(rule.table, [rule.name]),
        actor=me.actor, account_id=me.account_id, reason=reason,
        periods=[
            {"places": [span.low, span.high], "up_to": span.cutoff.isoformat(), "period": span.period,
             "policy": span.origin, "law": span.legal_basis}
            for span in periods
        ],
    )  # fmt: skip
    db.session.add(certificate)
    db.session.commit()
    return certificate.id


def _confirmed(rule: RetentionRule, periods: list[Span]) -> None:
    unsure = sorted({span.origin for span in periods if span.status == "unverified"})
    if unsure:
        raise PeriodNotConfirmed(
            f"{rule.name}: the period of {unsure[0]} is unverified; have it confirmed under Rules, then purge"
        )


def _batch(rule: RetentionRule, certificate: PurgeCertificate, size: int) -> int:
    """Delete one batch with its trace in the history; the caller commits all of it together."""
    table = rule.model.__table__
    keys = list(table.primary_key.columns)
    # Holds and periods are asked again each time: a hold placed meanwhile stops the very next batch.
    condition = takes(rule, spans(rule, certificate.place_no, certificate.on_day))
    found = db.session.execute(
        sa.select(*keys)
        .select_from(rule.model)
        .where(condition)
        .order_by(*keys)
        .limit(size)
        .with_for_update()
    ).all()
    if not found:
        return 0
    since = db.session.scalar(sa.text("select coalesce(max(id), 0) from core.change"))
    try:
        db.session.execute(sa.delete(table).where(sa.tuple_(*keys).in_([tuple(row) for row in found])))
    except IntegrityError as error:
        db.session.rollback()
        needing = getattr(getattr(error.orig, "diag", None), "table_name", None) or "another table"
        raise StillNeeded(
            f"{rule.name}: records of {needing} still point at rows that are due; purge those first"
        ) from None
    forgotten = db.session.scalar(
        sa.text("select core.forget_history(:certificate, :since)"),
        {"certificate": certificate.id, "since": since},
    )
    certificate.rows += len(found)
    certificate.forgotten += forgotten or 0
    certificate.digest = digest_of(rule.table, (_key(row) for row in found), certificate.digest)
    return len(found)


def _key(row: Any) -> str:
    return "|".join(str(part) for part in row)


def read_certificate(number: int) -> PurgeCertificate:
    """A certificate for showing and printing; asks for the right to see it at its place."""
    with scopes.system("look a purge certificate up"):
        found = db.session.get(PurgeCertificate, number)
        if found is None:
            raise NotFound(f"There is no certificate {number} here: see the list of certificates.")
        db.session.expunge(found)
    require("core.retention.read", at=found.place_no or EVERYWHERE)
    return found


def certificates(*, limit: int = 50, before: int | None = None) -> list[PurgeCertificate]:
    """The certificates at the places of this post, newest first; `before` continues from a number."""
    require("core.retention.read")
    query = sa.select(PurgeCertificate).order_by(PurgeCertificate.id.desc()).limit(limit)
    if before is not None:
        query = query.where(PurgeCertificate.id < before)
    return list(db.session.scalars(query))
