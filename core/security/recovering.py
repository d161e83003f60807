"""Requests to reset a password or to unlock, as somebody typed them at the door (S1-220, S1-221, S1-223, S1-224).

Account ID and the facility's telephone number say whom a request is about and prove nothing: both are known to many (A5-11).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.security import contacts, links, notices
from core.security.accounts import Account
from core.security.contacts import Contact
from core.security.links import LASTS
from core.security.rows import Unscoped

PURPOSES = ("reset", "unlock")
#: Links sent to one account within an hour; who asks more often is answered the same and gets nothing.
AN_HOUR = 5
#: Requests are kept this long, as sign-ins are: to notice attacks and to answer "was that me?".
KEPT = timedelta(days=90)
_LONGEST = 200
_LINKS = {"reset": "recover", "unlock": "unlock"}


class ResetRequest(Unscoped("a person's, no place's; read and written by the system only"), db.Model):  # type: ignore[misc]
    """One request and what became of it; what was typed is blanked once it was looked at, but the name of a real account."""

    __tablename__ = "reset_request"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), index=True)
    purpose: Mapped[str]
    login: Mapped[str]
    proof: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    outcome: Mapped[str] = mapped_column(server_default="waiting")


def note(login: str, proof: str, purpose: str) -> int:
    """Write a request down, whatever was typed; gives its number. In the system's session; the caller commits."""
    made = ResetRequest(
        at=datetime.now(UTC), purpose=purpose, login=_plain(login).lower(), proof=_plain(proof), outcome="waiting"
    )
    db.session.add(made)
    db.session.flush()
    return int(made.id)


def subject(request: ResetRequest) -> Account | None:
    """The account a request names, by its ID or by the address it registered with, if it can be helped this way."""
    found: Account | None = db.session.scalar(sa.select(Account).where(Account.login == request.login))
    if found is None:
        number = contacts.account_signing_in(request.login)
        found = db.session.get(Account, number) if number else None
    return found if found is not None and found.state == "active" and found.activated_at is not None else None


def too_late(request: ResetRequest) -> bool:
    """Whether the request waited so long that its link would surprise."""
    return request.at < datetime.now(UTC) - LASTS["recover"]


def too_many(account: Account) -> bool:
    """Whether the account was sent as many links within the hour as one may ask for."""
    since = datetime.now(UTC) - timedelta(hours=1)
    sent = db.session.scalar(
        sa.select(sa.func.count()).where(
            ResetRequest.account_id == account.id, ResetRequest.outcome == "sent", ResetRequest.at > since
        )
    )
    return int(sent or 0) >= AN_HOUR


def send(request: ResetRequest, account: Account, contact: Contact) -> None:
    """Make the link for one of the person's contacts, and tell the others. In the system's session; the caller commits."""
    link = links.make_to_send(account, _LINKS[request.purpose])
    place = account.region_no
    notices.tell(account.id, f"{request.purpose}.link", place=place, link=link, contact=contact.id)
    notices.tell(account.id, f"{request.purpose}.asked", place=place, but=contact.id, address=contact.masked)


def forget_old(now: datetime | None = None) -> int:
    """Delete requests of longer ago than `KEPT`."""
    gone = db.session.execute(sa.delete(ResetRequest).where(ResetRequest.at < (now or datetime.now(UTC)) - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _plain(typed: str) -> str:
    return " ".join(typed.replace("\0", "").split())[:_LONGEST]
