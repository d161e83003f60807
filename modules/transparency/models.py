"""The leaves of the log, in schema `transparency`."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import Unscoped, _, db


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
