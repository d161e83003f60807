"""Six digits that show an address is one's own: ten minutes, five tries, once (ASVS V6.5)."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import Refusal
from core.security import derived
from core.security.rows import Unscoped
from core.text import _

LASTS = timedelta(minutes=10)
TRIES = 5
#: So many for one address in an hour: with five tries each, guessing stays hopeless.
AN_HOUR = 5


class WrongCode(Refusal):
    """These are not the six digits that were sent."""

    code: ClassVar[str] = "code.wrong"
    http: ClassVar[int] = 422


class CodeGone(Refusal):
    """The code was used, is too old, was tried too often, or was never sent."""

    code: ClassVar[str] = "code.gone"
    http: ClassVar[int] = 410


class TooManyCodes(Refusal):
    """So many codes were asked for that no more are sent for an hour."""

    code: ClassVar[str] = "code.too-many"
    http: ClassVar[int] = 429


class AccountCode(Unscoped("a person's, no place's; read and written by the system only"), db.Model):  # type: ignore[misc]
    """A code that was asked for; it can be made from `salt` with the server's key, and stands nowhere."""

    __tablename__ = "account_code"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.contact.id", ondelete="SET NULL"), index=True
    )
    registration_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.registration.id", ondelete="CASCADE"), index=True
    )
    salt: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default="0")
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), index=True)
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


def make(
    *, account_id: int | None = None, contact_id: int | None = None, registration_id: int | None = None
) -> int:
    """A new code for a contact or a registration; an earlier one stops working. Gives its id, never the code.

    In the system's session; the caller commits, and raises a notice that names the id.
    """
    now = datetime.now(UTC)
    same = (
        AccountCode.contact_id == contact_id
        if contact_id is not None
        else AccountCode.registration_id == registration_id
    )
    db.session.execute(
        sa.update(AccountCode)
        .where(same, AccountCode.used_at.is_(None), AccountCode.expires_at > now)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    made = AccountCode(
        account_id=account_id, contact_id=contact_id, registration_id=registration_id, salt=derived.new_salt(),
        made_at=now, expires_at=now + LASTS,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return int(made.id)


def text_of(code_id: int) -> str | None:
    """The six digits, for whoever sends them now; None when nobody could use them any more. In the system's session."""
    row = db.session.get(AccountCode, code_id)
    if row is None or row.used_at is not None or row.expires_at <= datetime.now(UTC) or row.tries >= TRIES:
        return None
    return derived.code(row.salt)


def redeem(typed: str, *, contact_id: int | None = None, registration_id: int | None = None) -> None:
    """Use the code up, or refuse: `WrongCode`, `CodeGone`. Counts and commits first, so that tries side by side count."""
    column = "contact_id" if contact_id is not None else "registration_id"
    facts = {"of": contact_id if contact_id is not None else registration_id, "now": datetime.now(UTC), "most": TRIES}
    row = db.session.execute(
        sa.text(
            f"update core.account_code set tries = tries + 1 where {column} = :of and used_at is null "
            "and expires_at > :now and tries < :most returning id, salt, tries"
        ),
        facts,
    ).one_or_none()
    db.session.commit()
    if row is None:
        raise CodeGone(
            _("This code is too old, was used, or was tried too often. Ask for a new one: the old one does not work.")
        )
    if not is_right(typed, row.salt):
        raise WrongCode(_("These are not the six digits we sent. Look at the newest message, and type them again."))
    used = db.session.execute(
        sa.text("update core.account_code set used_at = :now where id = :id and used_at is null"),
        {"now": facts["now"], "id": row.id},
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]  # somebody was faster with the same code
        raise CodeGone(_("This code was used already."))


def is_right(typed: str, salt: str) -> bool:
    """Whether these are the digits of a salt, however they were set apart; takes as long for wrong ones."""
    plain = "".join(c for c in typed if not c.isspace())
    return hmac.compare_digest(plain.encode("utf-8", "replace"), derived.code(salt).encode())


def asked_lately(account_id: int) -> int:
    """How many codes a person asked for within the hour, also for contacts removed since. In the system's session."""
    since = datetime.now(UTC) - timedelta(hours=1)
    found = db.session.scalar(
        sa.select(sa.func.count()).where(AccountCode.account_id == account_id, AccountCode.made_at > since)
    )
    return int(found or 0)


def forget_old(now: datetime | None = None) -> int:
    """Delete codes of before yesterday."""
    gone = db.session.execute(
        sa.delete(AccountCode).where(AccountCode.made_at < (now or datetime.now(UTC)) - timedelta(days=1))
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
