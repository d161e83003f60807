"""A message that did not arrive: its contact is corrected, then it goes again from the top of the ladder (S1-233, S1-234)."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import NotFound, _, db, require
from modules.messaging import rules
from modules.messaging.models import Message
from modules.messaging.refusals import BadContact, NotFailed
from modules.messaging.services.sending import offer
from modules.messaging.settings import country


def check_contacts(place: int, phone: str | None, email: str | None) -> None:
    """Refuse a telephone number or an e-mail address that cannot be one there; what is not given is not looked at."""
    if phone and rules.telephone(phone, country(place)) is None:
        raise BadContact(_("“%(number)s” is no telephone number here. Ask back and type it again.", number=phone))
    if email and rules.address(email) is None:
        raise BadContact(_("“%(address)s” is no e-mail address. Ask back and type it again.", address=email))


def correct(
    message_id: int, *, phone: str | None = None, email: str | None = None, postal: str | None = None
) -> None:
    """Send a failed message again, to the corrected contact; None leaves a contact as it is.

    Raises `NotFound`, `NotFailed` for one that arrived or is on its way, `BadContact` when a contact cannot be one.
    """
    message = db.session.scalar(sa.select(Message).where(Message.id == message_id).with_for_update())
    if message is None:
        raise NotFound(_("There is no such message here."))
    require("messaging.message.correct", at=message.place_no)
    if message.state not in ("failed", "letter"):
        raise NotFailed(_("Only a message that did not arrive is sent again."))
    check_contacts(message.place_no, phone, email)
    message.phone = message.phone if phone is None else phone.strip()
    message.email = message.email if email is None else email.strip()
    message.postal = message.postal if postal is None else postal.strip()
    if message.account_id is None and not (message.phone or message.email or message.postal):
        raise BadContact(_("Without telephone, e-mail and postal address nobody can be reached: enter one of them."))
    message.state, message.reason, message.channel = "queued", "", ""
    message.round, message.step = message.round + 1, 0
    message.step_since = sa.func.clock_timestamp()
    db.session.flush()
    offer(message.id, message.place_no, message.round, key=f"{message.id}.{message.round}.0")
