"""Who wants no promotional messages: a person with an account, or a bare contact a centre was told of."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import PlaceScoped, _, db


class OptOut(PlaceScoped, db.Model):
    """A wish to get no promotional messages, in force until it is ended; service messages go on."""

    __tablename__ = "opt_out"
    __title__ = _("Persons who want no promotional messages")
    __own__ = "account_id"
    __table_args__ = (
        sa.CheckConstraint("account_id is not null or contact <> ''", name="whose"),
        sa.Index("ix_opt_out_contact", "contact", postgresql_where=sa.text("ended_at is null")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    #: A telephone number in international form or an e-mail address.
    contact: Mapped[str] = mapped_column(server_default="")
    told_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
