"""The leaves of the log, in schema `transparency`."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import RetentionRule, Unscoped, _, db, declare_retention


class Leaf(Unscoped("one log for the whole installation, and everybody may read all of it"), db.Model):  # type: ignore[misc]
    """One entry at its index, which has no gaps; the database refuses to change or delete it, the system's role too."""

    __tablename__ = "leaf"
    __title__ = _("Leaves of the public log")
    __read__ = "all"
    __table_args__ = (
        sa.Index("ix_leaf_place", "place_no", "index"),
        sa.Index("ix_leaf_subject", "subject", "index"),
        sa.Index("ix_leaf_list", "list", "index"),
        sa.Index("ix_leaf_hash", "hash"),
    )

    index: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    #: Whose list it is about, to read one list without the others; None for what concerns the log itself.
    place_no: Mapped[int | None] = mapped_column(sa.BigInteger)
    kind: Mapped[str]
    #: Canonical JSON: what the hash is over, to the byte.
    entry: Mapped[bytes]
    hash: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())
    #: The pseudonym and the list in the entry, read from it by the database.
    subject: Mapped[str | None] = mapped_column(sa.Text, sa.Computed("transparency.said(entry, 'entry')"))
    list: Mapped[str | None] = mapped_column(sa.Text, sa.Computed("transparency.said(entry, 'list')"))


class Staged(Unscoped("what waits here becomes a leaf at the commit, before anybody could read it"), db.Model):  # type: ignore[misc]
    """A step that becomes a leaf when its transaction commits; the database takes it out at once."""

    __tablename__ = "staged"
    __title__ = _("Steps on their way into the public log")

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    place_no: Mapped[int | None] = mapped_column(sa.BigInteger)
    kind: Mapped[str]
    entry: Mapped[bytes]


class Opening(Unscoped("only the system reads it, for the family a service has asked about"), db.Model):  # type: ignore[misc]
    """What a leaf's commitment hides, with the salts that hide it; destroyed, nobody can prove or guess it any more."""

    __tablename__ = "opening"
    __title__ = _("What the public log hides")
    __read__ = "system"
    __no_history__ = "a copy in the history would outlive its erasure"

    subject: Mapped[str] = mapped_column(primary_key=True)
    commit: Mapped[bytes] = mapped_column(primary_key=True)
    place_no: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("core.place.no"), index=True)
    #: Field → {"salt": hexadecimal, "value": text}.
    fields: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB)
    #: The day the entry ended; from then on it is kept for inquiries, and no longer than those may come.
    ended_on: Mapped[date | None]


OPENINGS = declare_retention(
    RetentionRule("transparency.opening", Opening, Opening.ended_on, keep="3y", title=_("What ended entries hid in the public log"))
)


class Checkpoint(Unscoped("heads of the one log, for everybody"), db.Model):  # type: ignore[misc]
    """A head the signer signed: size, root, and the note with its signature."""

    __tablename__ = "checkpoint"
    __title__ = _("Sealed states of the public log")
    __read__ = "all"

    size: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    note: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())


class Witness(Unscoped("who watches the one log, for everybody"), db.Model):  # type: ignore[misc]
    """Somebody outside who signs that they saw our heads grow; `size` is the last one they signed."""

    __tablename__ = "witness"
    __title__ = _("Witnesses of the public log")
    __read__ = "all"
    __table_args__ = (sa.Index("uq_witness_vkey", "vkey", unique=True, postgresql_where=sa.text("ended_at is null")),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    name: Mapped[str]
    vkey: Mapped[str]
    url: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    answered_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    #: What was wrong with the last answer, or why there was none; empty when all was well.
    trouble: Mapped[str] = mapped_column(server_default="")
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    since: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())


class Cosignature(Unscoped("what witnesses said, for everybody"), db.Model):  # type: ignore[misc]
    """A witness's line under a head."""

    __tablename__ = "cosignature"
    __title__ = _("Signatures of witnesses")
    __read__ = "all"

    size: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("transparency.checkpoint.size"), primary_key=True)
    witness_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("transparency.witness.id"), primary_key=True, index=True)
    line: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())


class Node(Unscoped("hashes of the one tree, for everybody"), db.Model):  # type: ignore[misc]
    """The root over 256^level leaves, so that a proof reads a few hundred hashes of a large log and not all."""

    __tablename__ = "node"
    __title__ = _("Hashes of the public log")
    __read__ = "all"

    level: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class Alarm(Unscoped("what the log's own checks found, for everybody"), db.Model):  # type: ignore[misc]
    """Something that must not be: a step no rule allows, a list that differs from the log, a head that does not follow."""

    __tablename__ = "alarm"
    __title__ = _("Alarms of the public log")
    __read__ = "all"
    __table_args__ = (sa.UniqueConstraint("what", "said"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    what: Mapped[str]
    said: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())
