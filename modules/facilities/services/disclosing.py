"""What a centre tells parents about itself: fees, programmes, insurance, extent of service, meals (S2-30…S2-34)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.sdk import _, because, db, require
from modules.facilities.models import Disclosure, Facility
from modules.facilities.services.offer import BadOffer

TEXTS = ("programmes", "insurance", "extent")
MAX_FEES = 40
MAX_TEXT = 4_000
_MOST = 10**12


def disclose(facility: Facility, *, fees: Sequence[dict[str, Any]], reason: str, **texts: str) -> Disclosure:
    """Set the fees (name, minor units, unit) and the texts of the centre; only its director knows them."""
    require("facilities.offer.disclose", at=facility.id)
    if set(texts) - set(TEXTS):
        raise BadOffer(_("Only these texts are told here: %(names)s.", names=", ".join(TEXTS)))
    if len(fees) > MAX_FEES:
        raise BadOffer(_("At most %(most)s fees fit one page: put the small ones together.", most=MAX_FEES))
    for fee in fees:
        if not fee.get("name") or not isinstance(fee.get("amount"), int) or not 0 <= fee["amount"] <= _MOST:
            raise BadOffer(_("Each fee needs a name and an amount of zero or more."))
    kept = [{"name": fee["name"], "amount": fee["amount"], "unit": fee.get("unit", "")} for fee in fees]
    return _tell(facility, reason, fees=kept, **texts)


def describe_meals(facility: Facility, meals: str, reason: str) -> Disclosure:
    """Say in words what children eat; the kitchen's staff may do that too (S2-34, S2-43)."""
    require("facilities.offer.meals", at=facility.id)
    return _tell(facility, reason, meals=meals)


def _tell(facility: Facility, reason: str, **facts: Any) -> Disclosure:
    for text in facts.values():
        if isinstance(text, str) and len(text) > MAX_TEXT:
            raise BadOffer(_("A text here has at most %(most)s characters: shorten it.", most=MAX_TEXT))
    because(reason)
    row = facility.disclosure or Disclosure(id=facility.id)
    for field, value in facts.items():
        setattr(row, field, value.strip() if isinstance(value, str) else value)
    facility.changed_at = sa.func.clock_timestamp()
    db.session.add(row)
    db.session.flush()
    db.session.expire(facility, ["disclosure"])
    return row
