"""Who wants no promotional messages; what serves the person (a place, a bill, an absence) is sent all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from core.sdk import _, db, require, scope
from modules.messaging import rules
from modules.messaging.models import OptOut
from modules.messaging.refusals import BadContact
from modules.messaging.settings import country


def opt_out(*, place: int, account_id: int | None = None, contact: str = "") -> OptOut:
    """Send no promotional messages to this account or contact any more; saying it twice is saying it once."""
    require("messaging.opt_out.create", at=place)
    plain = _plain(contact, place) if contact.strip() else ""
    if account_id is None and not plain:
        raise BadContact(_("Give a telephone number or an e-mail address."))
    whose = OptOut.account_id == account_id if account_id is not None else OptOut.contact == plain
    there: OptOut | None = db.session.scalar(sa.select(OptOut).where(whose, OptOut.ended_at.is_(None)).limit(1))
    if there is not None:
        return there
    made = OptOut(place_no=place, account_id=account_id, contact=plain)
    db.session.add(made)
    db.session.flush()
    return made


def opt_in(one: OptOut) -> None:
    """The person wants them again."""
    require("messaging.opt_out.end", at=one.place_no)
    one.ended_at = one.ended_at or sa.func.clock_timestamp()
    db.session.flush()


def mine() -> OptOut | None:
    """One's own wish, if one is in force."""
    require("messaging.opt_out.read")
    found: OptOut | None = db.session.scalar(
        sa.select(OptOut).where(OptOut.account_id == scope.current().account_id, OptOut.ended_at.is_(None)).limit(1)
    )
    return found


@dataclass(frozen=True)
class Refusing:
    """Who of those asked for wants no promotional messages."""

    accounts: frozenset[int]
    contacts: frozenset[str]

    def by(self, account_id: int | None, contacts: Iterable[str]) -> bool:
        """Whether a person wants none, by account or by any contact."""
        return account_id in self.accounts or not self.contacts.isdisjoint(contacts)


def refusing(accounts: Collection[int], contacts: Collection[str]) -> Refusing:
    """Who of these wants no promotional messages; internal to sending."""
    if not accounts and not contacts:
        return Refusing(frozenset(), frozenset())
    whose = sa.or_(OptOut.account_id.in_(accounts), OptOut.contact.in_(contacts))
    rows = db.session.execute(sa.select(OptOut.account_id, OptOut.contact).where(whose, OptOut.ended_at.is_(None))).all()
    return Refusing(
        frozenset(row.account_id for row in rows if row.account_id is not None), frozenset(row.contact for row in rows if row.contact)
    )  # fmt: skip


def _plain(contact: str, place: int) -> str:
    found = rules.address(contact) if "@" in contact else rules.telephone(contact, country(place))
    if found is None:
        raise BadContact(_("“%(contact)s” is no telephone number and no e-mail address here.", contact=contact))
    return found
