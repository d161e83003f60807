"""A person's own ways to be reached: each confirmed by a code, and each change told to the others (ASVS V6.3.7).

Only the system reads and writes the table: an officer sees that there is a contact, never where it leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import NotFound, Refusal
from core.security import addresses, codes, notices
from core.security import scope as scopes
from core.security.access import require
from core.security.accounts import Account
from core.security.addresses import Address, BadAddress
from core.security.rows import Scoped
from core.text import _

MOST = 5


class ContactTwice(Refusal):
    """The person has confirmed this address already."""

    code: ClassVar[str] = "contact.twice"


class TooManyContacts(Refusal):
    """The person has as many contacts as one may have."""

    code: ClassVar[str] = "contact.too-many"


class LastContact(Refusal):
    """Without this contact nothing could reach the person any more."""

    code: ClassVar[str] = "contact.last"


class Contact(Scoped, db.Model):
    """One address of a person; with `signs_in` it serves as account ID too, for who registered with it."""

    __tablename__ = "contact"
    __scope_column__ = "region_no"
    __own__ = "account_id"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "value"),
        sa.Index("uq_contact_signs_in", "value", unique=True, postgresql_where=sa.text("signs_in")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    region_no: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    channel: Mapped[str]
    value: Mapped[str] = mapped_column(deferred=True)
    masked: Mapped[str]
    signs_in: Mapped[bool] = mapped_column(server_default=sa.false())
    verified_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )

    @property
    def address(self) -> Address:
        """Where it leads."""
        return Address("email" if self.channel == "email" else "phone", self.value)


@dataclass(frozen=True)
class Reach:
    """Where notices for an account's person go; "" for a channel they have none of."""

    name: str
    language: str
    email: str
    phone: str = ""


def of(account_id: int) -> list[Contact]:
    """A person's own contacts for their own page, oldest first, with what is not confirmed yet."""
    with scopes.system("show a person their contacts"):
        found = db.session.scalars(_all(account_id)).all()
        db.session.expunge_all()
    return list(found)


def confirmed(account_id: int) -> list[Contact]:
    """What a notice may be sent to, oldest first. In the system's session only: a message is going out."""
    return list(db.session.scalars(_all(account_id).where(Contact.verified_at.is_not(None))))


def masked_of(account_id: int) -> list[str]:
    """What an officer sees of an account's confirmed contacts: that they are there, and their ends."""
    require("core.account.read")
    query = sa.select(Contact.masked).where(Contact.account_id == account_id, Contact.verified_at.is_not(None))
    return list(db.session.scalars(query.order_by(Contact.id).limit(MOST)))


def reach_many(account_ids: Sequence[int]) -> dict[int, Reach]:
    """How up to 1,000 people are reached for what holds no secret, by account; who is gone or has left is missing.

    The oldest confirmed address of each channel; without a confirmed e-mail address the one an officer wrote down when
    issuing the account. Codes and links never go there (`confirmed`).
    """
    with scopes.system("reach people"):
        accounts = db.session.execute(
            sa.select(Account.id, Account.name, Account.language, Account.email).where(
                Account.id.in_(list(account_ids)[:1_000]), Account.state != "left"
            )
        ).all()
        own = of_many([one.id for one in accounts]) if accounts else {}
    found: dict[int, Reach] = {}
    for one in accounts:
        first = {address.channel: address.value for address in reversed(own.get(one.id, []))}
        found[one.id] = Reach(one.name, one.language, first.get("email") or one.email or "", first.get("phone", ""))
    return found


def of_many(account_ids: Sequence[int]) -> dict[int, list[Address]]:
    """The confirmed addresses of up to 1,000 accounts by account, oldest first; who has none is missing.

    For lists that are sent, in the system's session: people's sessions cannot read them.
    """
    rows = db.session.execute(
        sa.select(Contact.account_id, Contact.channel, Contact.value)
        .where(Contact.account_id.in_(list(account_ids)[:1_000]), Contact.verified_at.is_not(None))
        .order_by(Contact.id)
    )
    found: dict[int, list[Address]] = {}
    for account_id, channel, value in rows:
        found.setdefault(account_id, []).append(Address(cast("Literal['email', 'phone']", channel), value))
    return found


def add(account_id: int, typed: str) -> int:
    """Note an address and send its code; gives the contact's id. Asked again, a new code goes out. Commits.

    Raises `BadAddress`, `ContactTwice`, `TooManyContacts`, `TooManyCodes`.
    """
    with scopes.system("a person adds a contact", actor=f"account:{account_id}"):
        region = _locked(account_id)
        address = addresses.read(typed, addresses.countries(region))
        known = db.session.scalars(_all(account_id)).all()
        found = next((one for one in known if one.value == address.value), None)
        if found is not None and found.verified_at is not None:
            raise ContactTwice(_("You have confirmed %(address)s already.", address=address.value))
        if found is None and len(known) >= MOST:
            raise TooManyContacts(_("You have %(count)s contacts: remove one first.", count=len(known)))
        if codes.asked_lately(account_id) >= codes.AN_HOUR:
            raise codes.TooManyCodes(_("Too many codes were asked for: wait an hour, then ask again."))
        if found is None:
            found = _put(account_id, region, address)
        number = found.id
        code = codes.make(account_id=account_id, contact_id=number)
        notices.tell(account_id, "contact.code", place=region, contact=number, code=code)
        db.session.commit()
    return int(number)


def confirm(account_id: int, contact_id: int, typed: str) -> None:
    """Take the code: from now on notices come here, and the other contacts are told. Commits.

    Raises `NotFound`, `WrongCode`, `CodeGone`.
    """
    with scopes.system("a person confirms a contact", actor=f"account:{account_id}"):
        found = _own(account_id, contact_id)
        codes.redeem(typed, contact_id=found.id)
        signs_in = any(one.signs_in for one in db.session.scalars(_all(account_id)))
        found.verified_at = datetime.now(UTC)
        try:
            with db.session.begin_nested():
                found.signs_in = signs_in
                db.session.flush()
        except IntegrityError:  # it signs another account of the same household in
            db.session.refresh(found)
            found.verified_at, found.signs_in = datetime.now(UTC), False
        region = found.region_no
        notices.tell(account_id, "contact.added", place=region, but=found.id, address=found.masked)
        db.session.commit()


def remove(account_id: int, contact_id: int) -> None:
    """Take an address away; those left are told. Commits. Raises `NotFound`, and `LastContact` for the last one confirmed."""
    with scopes.system("a person removes a contact", actor=f"account:{account_id}"):
        region = _locked(account_id)
        found = _own(account_id, contact_id)
        left = [one for one in confirmed(account_id) if one.id != found.id]
        if found.verified_at is not None and not left:
            raise LastContact(
                _("This is your last confirmed contact: add and confirm another one first, then remove this.")
            )
        if found.verified_at is not None:
            notices.tell(account_id, "contact.removed", place=region, but=found.id, address=found.masked)
        db.session.delete(found)
        db.session.commit()


def account_signing_in(typed: str) -> int | None:
    """The account that registered with this address, whatever way it was typed. In the system's session."""
    try:
        address = addresses.read(typed, addresses.countries(0))
    except BadAddress:
        return None
    return db.session.scalar(sa.select(Contact.account_id).where(Contact.value == address.value, Contact.signs_in))


def put_confirmed(account: Account, address: Address) -> None:
    """The address somebody registered with, confirmed by its code; it signs them in. In the system's session."""
    found = _put(account.id, account.region_no, address)
    found.verified_at, found.signs_in = datetime.now(UTC), True
    db.session.flush()


def _put(account_id: int, region: int, address: Address) -> Contact:
    made = Contact(
        account_id=account_id, region_no=region, channel=address.channel, value=address.value, masked=address.masked
    )
    db.session.add(made)
    db.session.flush()
    return made


def _all(account_id: int) -> sa.Select[Any]:
    return (
        sa.select(Contact)
        .options(sa.orm.undefer(Contact.value))
        .where(Contact.account_id == account_id)
        .order_by(Contact.id)
        .limit(2 * MOST)
    )


def _locked(account_id: int) -> int:
    """The account's region; two tabs of one person wait for each other."""
    region = db.session.scalar(
        sa.select(Account.region_no).where(Account.id == account_id).with_for_update()
    )
    if region is None:
        raise NotFound(_("There is no such account."))
    return int(region)


def _own(account_id: int, contact_id: int) -> Contact:
    found: Contact | None = db.session.scalar(_all(account_id).where(Contact.id == contact_id))
    if found is None:
        raise NotFound(_("There is no such contact: it may have been removed. Look at your contacts again."))
    return found
