"""Who changed what, and who read what, with the reason: written by triggers, so raw SQL is caught too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.security import scope as scopes
from core.security.rows import PlaceScoped


class Change(PlaceScoped, db.Model):
    """One change of one row: `diff` is {column: [before, after]}; nobody can edit it, also not the app."""

    __tablename__ = "change"
    __no_history__ = "it is the history"
    __table_args__ = (
        sa.Index("ix_change_record", "table_name", "pk", "id"),
        sa.Index("ix_change_place_no", "place_no", "id"),
        sa.Index("ix_change_at", "at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    actor: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    reason: Mapped[str]
    table_name: Mapped[str]
    op: Mapped[str]
    pk: Mapped[str]
    diff: Mapped[dict[str, Any]] = mapped_column(JSONB)
    place_no: Mapped[int | None] = mapped_column(sa.BigInteger)  # type: ignore[assignment]  # None: no place's record


class Reading(PlaceScoped, db.Model):
    """One look at a sensitive field, with its reason (ASVS V16.3.2)."""

    __tablename__ = "reading"
    __no_history__ = "it is only ever added to"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())
    actor: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    reason: Mapped[str]
    table_name: Mapped[str]
    pk: Mapped[str]
    fields: Mapped[list[str]] = mapped_column(JSONB)


def history(table: str, pk: Any, *, limit: int = 50, before: int | None = None) -> list[Change]:
    """The latest changes of one record, newest first, at most `limit`; `before` continues from an id."""
    query = sa.select(Change).where(Change.table_name == table, Change.pk == str(pk))
    if before is not None:
        query = query.where(Change.id < before)
    return list(db.session.scalars(query.order_by(Change.id.desc()).limit(limit)))


def history_of_place(place: int, tables: tuple[str, ...], *, limit: int = 30) -> list[Change]:
    """The latest changes of one place's rows in some tables, newest first, at most `limit`."""
    query = sa.select(Change).where(Change.place_no == place, Change.table_name.in_(tables))
    return list(db.session.scalars(query.order_by(Change.id.desc()).limit(limit)))


def note_reading(record: Any, fields: list[str], reason: str, *, by: scopes.Scope | None = None) -> None:
    """Record that sensitive `fields` of `record` were shown; call it before showing them, in the same transaction.

    `by` is who looked, where the system writes it down for them: a record of elsewhere that was only shared with them.
    """
    me = by or scopes.current()
    table = record.__table__
    db.session.execute(
        sa.insert(Reading.__table__).values(
            actor=me.actor,
            account_id=me.account_id,
            reason=reason,
            table_name=table.fullname,
            pk=str(getattr(record, next(iter(table.primary_key.columns)).name)),
            fields=fields,
            place_no=getattr(record, record.__scope_column__),
        )
    )
