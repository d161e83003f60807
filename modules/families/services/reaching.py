"""Guardians found by a telephone number or an e-mail address, compared as what they are and not as they were written."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from core.sdk import addresses, db
from modules.families.models import Guardian
from modules.families.models.family import ENDING, PHONE_END

#: Guardians compared for one question: one telephone of more people is that of an office.
LOOKED_AT = 50


def reached_by(known: Iterable[str], around: tuple[int, int], *narrower: sa.ColumnElement[bool]) -> list[Guardian]:
    """Guardians of a city that some of the addresses (E.164, or e-mail in small letters) may belong to, by index.

    The end of a number only narrows the search: compare what comes with `values`; internal, in the system's session.
    """
    mails = [one for one in known if "@" in one]
    ends = [one[-ENDING:] for one in known if "@" not in one]
    if not (ends or mails):
        return []
    reached = sa.or_(
        sa.and_(Guardian.phone != "", sa.literal_column(PHONE_END).in_(ends)),
        sa.and_(Guardian.email != "", sa.func.lower(Guardian.email).in_(mails)),
    )
    query = sa.select(Guardian).where(reached, Guardian.region_no.between(*around), *narrower)
    return list(db.session.scalars(query.order_by(Guardian.id).limit(LOOKED_AT)))


def values(one: Guardian) -> set[str]:
    """A guardian's contacts as they are compared; what cannot be read leads nowhere; internal."""
    found = set()
    for typed in filter(None, (one.phone, one.email)):
        try:
            found.add(addresses.read(typed, addresses.countries(one.region_no)).value)
        except addresses.BadAddress:
            continue
    return found
