"""Telling a family something: each guardian with rights in their own language, by whatever way they can be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.sdk import db, i18n, require
from modules.families.models import Guardian, Membership
from modules.messaging import api as messaging

#: So many guardians of one family at most.
MOST = 10


@dataclass(frozen=True)
class Contact:
    """A guardian with rights, as a notice needs it."""

    guardian_id: int
    name: str
    language: str
    account_id: int | None
    phone: str
    email: str
    postal: str

    @property
    def reachable(self) -> bool:
        """Whether there is any way at all."""
        return bool(self.account_id or self.phone or self.email or self.postal)


def contacts(family_id: int) -> list[Contact]:
    """The guardians of a family who still have their rights, those with an account first; internal, for who tells them."""
    query = (
        sa.select(
            Guardian.id, Guardian.name, Guardian.language, Membership.account_id, Guardian.phone, Guardian.email,
            Guardian.postal,
        )
        .outerjoin(
            Membership, sa.and_(Membership.guardian_id == Guardian.id, Membership.ends_on.is_(None))
        )
        .where(Guardian.family_id == family_id, Guardian.barred_on.is_(None))
        .order_by(Membership.account_id.is_(None), Guardian.id)
        .limit(MOST)
    )  # fmt: skip
    return [Contact(*row) for row in db.session.execute(query)]


def tell_family(
    template: str, family_id: int, facts: Callable[[], Mapping[str, str]], *, place: int, about: str, key: str,
    but: int | None = None,
) -> list[int]:
    """Send a message to every guardian who can be reached, leaving out the guardian `but`; gives the messages' numbers.

    `facts` is called once for each, with their language in force. If nobody can be reached, the first guardian's message says
    so at the desk: an unread notice must show somewhere (S1-233). The same `key` again tells nobody twice. As the system.
    """
    require("messaging.message.send", at=place)
    everybody = [one for one in contacts(family_id) if one.guardian_id != but]
    told = [one for one in everybody if one.reachable] or everybody[:1]
    return [_tell(template, one, facts, place=place, about=about, key=f"{key}:{one.guardian_id}") for one in told]


def _tell(template: str, to: Contact, facts: Callable[[], Mapping[str, str]], *, place: int, about: str, key: str) -> int:
    with i18n.speaking(to.language):
        said = facts()
    return messaging.send(
        template, place=place, facts=said, about=about, key=key,
        to=messaging.Recipient(to.name, to.language, to.account_id, to.phone or None, to.email or None, to.postal or None),
    )  # fmt: skip
