"""The tables of background work: what is to be done, each attempt, how far a long run is, what people decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.security.identity import EVERYWHERE
from core.security.rows import PlaceScoped

_TIME = sa.DateTime(timezone=True)
_NOW = sa.func.clock_timestamp()


class Outbox(PlaceScoped, db.Model):
    """One delivery owed: an event for one receiver, or a job. It has ended when done, dead or skipped.

    What is dead or skipped waits for people, until they send it again or give it up.

    `place_no` 0 means the whole installation: such rows are seen by posts for everywhere, and by the person
    who caused them.
    """

    __tablename__ = "outbox"
    __no_history__ = "the attempts are its history"
    __own__ = "account_id"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    kind: Mapped[str]
    #: The event's or the job's name.
    name: Mapped[str]
    #: The module that receives it.
    module: Mapped[str]
    #: The function that handles it, as `module.function`.
    handler: Mapped[str]
    queue: Mapped[str]
    retries: Mapped[int]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    place_no: Mapped[int] = mapped_column(sa.BigInteger, server_default=str(EVERYWHERE))
    account_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="en")
    #: Unique per place and name; a second intent with the same key is not written.
    key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(_TIME, server_default=_NOW)
    available_at: Mapped[datetime] = mapped_column(_TIME, server_default=_NOW)
    offered_at: Mapped[datetime | None] = mapped_column(_TIME)
    lease_until: Mapped[datetime | None] = mapped_column(_TIME)
    token: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    done_at: Mapped[datetime | None] = mapped_column(_TIME)
    dead_at: Mapped[datetime | None] = mapped_column(_TIME)
    skipped_at: Mapped[datetime | None] = mapped_column(_TIME)
    given_up_at: Mapped[datetime | None] = mapped_column(_TIME)
    error: Mapped[str | None]
    last_error_at: Mapped[datetime | None] = mapped_column(_TIME)

    __table_args__ = (
        sa.Index(
            "ix_outbox_open", "queue", "offered_at", "available_at",
            postgresql_where=sa.text("done_at is null and dead_at is null and skipped_at is null"),
        ),
        sa.Index("ix_outbox_lease_until", "lease_until", postgresql_where=sa.text("lease_until is not null")),
        sa.Index("ix_outbox_done_at", "done_at", postgresql_where=sa.text("done_at is not null")),
        sa.Index(
            "ix_outbox_stopped", "id",
            postgresql_where=sa.text("dead_at is not null or skipped_at is not null"),
        ),
        sa.Index(
            "ix_outbox_given_up_at", "given_up_at", postgresql_where=sa.text("given_up_at is not null")
        ),
        sa.Index("ix_outbox_place_no", "place_no", "id"),
        sa.Index(
            "ix_outbox_account_id", "account_id", "id", postgresql_where=sa.text("account_id is not null"),
        ),
        sa.Index(
            "uq_outbox_key", "place_no", "name", "key", unique=True,
            postgresql_where=sa.text("key is not null"),
        ),
    )  # fmt: skip


class JobAttempt(PlaceScoped, db.Model):
    """One attempt at a delivery and how it ended; an attempt without an end is running now."""

    __tablename__ = "job_attempt"
    __no_history__ = "it is only ever added to"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    outbox_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.outbox.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    worker: Mapped[str]
    token: Mapped[UUID | None]
    started_at: Mapped[datetime] = mapped_column(_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)
    outcome: Mapped[str | None]
    error: Mapped[str | None]
    place_no: Mapped[int] = mapped_column(sa.BigInteger, server_default=str(EVERYWHERE))

    __table_args__ = (sa.Index("ix_job_attempt_place_no", "place_no", "id"),)


class JobRun(PlaceScoped, db.Model):
    """What the person who waits for a job sees: how far it is, its result; `cursor` is where it goes on."""

    __tablename__ = "job_run"
    __no_history__ = "progress changes every second"
    __own__ = "account_id"

    outbox_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("core.outbox.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    title: Mapped[str]
    done: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    total: Mapped[int | None] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(server_default="waiting")
    message: Mapped[str] = mapped_column(server_default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    cursor: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    place_no: Mapped[int] = mapped_column(sa.BigInteger, server_default=str(EVERYWHERE))
    account_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    updated_at: Mapped[datetime] = mapped_column(_TIME, server_default=_NOW)

    __table_args__ = (
        sa.Index("ix_job_run_place_no", "place_no", "outbox_id"),
        sa.Index(
            "ix_job_run_account_id",
            "account_id",
            "outbox_id",
            postgresql_where=sa.text("account_id is not null"),
        ),
    )


class JobDecision(PlaceScoped, db.Model):
    """What a person decided about work that had stopped; it is kept longer than the row it is about."""

    __tablename__ = "job_decision"
    __no_history__ = "it is only ever added to"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    outbox_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    name: Mapped[str]
    #: retry or give_up.
    act: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    actor: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    place_no: Mapped[int] = mapped_column(sa.BigInteger, server_default=str(EVERYWHERE))
    at: Mapped[datetime] = mapped_column(_TIME, server_default=_NOW)

    __table_args__ = (sa.Index("ix_job_decision_place_no", "place_no", "id"),)
