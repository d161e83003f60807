"""Who wants no promotional messages; what serves the person (a place, a bill, an absence) is sent all the same."""

from __future__ import annotations

from collections.abc import Iterable

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


def refuses(account_id: int | None, contacts: Iterable[str | None]) -> bool:
    """Whether a person wants no promotional messages, by account or by any contact; internal to sending."""
    known = [contact for contact in contacts if contact]
    whose: list[sa.ColumnElement[bool]] = [OptOut.contact.in_(known)] if known else []
    if account_id is not None:
        whose.append(OptOut.account_id == account_id)
    if not whose:
        return False
    return db.session.scalar(sa.select(OptOut.id).where(sa.or_(*whose), OptOut.ended_at.is_(None)).limit(1)) is not None


def _plain(contact: str, place: int) -> str:
    found = rules.address(contact) if "@" in contact else rules.telephone(contact, country(place))
    if found is None:
        raise BadContact(_("“%(contact)s” is no telephone number and no e-mail address here.", contact=contact))
    return found
