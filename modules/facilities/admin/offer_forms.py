"""Between the forms of the offer page and its services: posted words become days, hours and amounts, and back."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from core.sdk import _, i18n
from modules.facilities.models import Facility
from modules.facilities.services.disclosing import MAX_FEES
from modules.facilities.services.offer import BadOffer

#: Empty rows after the fees there are.
_SPARE = 3
_FEE = ("name", "amount", "unit")


def day(posted: Any) -> date:
    """The day of a form."""
    try:
        return date.fromisoformat(posted.get("day", ""))
    except ValueError:
        raise BadOffer(_("Choose a day.")) from None


def hours(posted: Any) -> list[tuple[int, time, time, int, int]]:
    """The hours of the weekdays that have any; a day without both times is closed."""
    found = []
    for number in range(1, 8):
        opens, closes = posted.get(f"opens{number}", ""), posted.get(f"closes{number}", "")
        if not opens and not closes:
            continue
        try:
            found.append(
                (
                    number,
                    time.fromisoformat(opens),
                    time.fromisoformat(closes),
                    int(posted.get(f"meals{number}") or 0),
                    int(posted.get(f"snacks{number}") or 0),
                )
            )
        except ValueError:
            raise BadOffer(
                _(
                    "Check the hours of day %(day)s: write both times like 07:30, and meals as numbers.",
                    day=number,
                )
            ) from None
    return found


def week(facility: Facility, season: str, typed: Any) -> list[dict[str, Any]]:
    """The seven days of a season as the form shows them: as typed, else as they are."""
    there = {row.weekday: row for row in facility.hours if row.season == season}
    found = []
    for number in range(1, 8):
        row = there.get(number)
        kept = {
            "opens": f"{row.opens:%H:%M}" if row else "", "closes": f"{row.closes:%H:%M}" if row else "",
            "meals": row.meals if row else 0, "snacks": row.snacks if row else 0,
        }  # fmt: skip
        if typed is not None:
            kept = {name: typed.get(f"{name}{number}", "") for name in kept}
        found.append({"number": number, **kept})
    return found


def standings(posted: Any) -> dict[str, str]:
    """Service → standing, from fields called `standing-<service>`."""
    return {
        name.removeprefix("standing-"): value
        for name, value in posted.items()
        if name.startswith("standing-")
    }


def fees(posted: Any, currency: str) -> list[dict[str, Any]]:
    """The fees that have a name or an amount, amounts in the smallest unit of the currency."""
    found = []
    for row in _rows(posted):
        if row["name"] or row["amount"]:
            found.append(
                {"name": row["name"], "amount": _minor(row["amount"], currency), "unit": row["unit"]}
            )
    return found


def fee_rows(facility: Facility, currency: str, typed: Any) -> list[dict[str, str]]:
    """The fees as the form shows them, with room for more."""
    if typed is not None:
        return _rows(typed)
    told = facility.disclosure.fees if facility.disclosure else []
    places = i18n.exponent_of(currency) if currency else 0
    rows = [
        {"name": fee["name"], "amount": f"{Decimal(fee['amount']).scaleb(-places):f}", "unit": fee["unit"]}
        for fee in told
    ]
    return rows + [dict.fromkeys(_FEE, "")] * min(_SPARE, MAX_FEES - len(rows))


def _rows(posted: Any) -> list[dict[str, str]]:
    columns = [[value.strip() for value in posted.getlist(f"fee_{name}")] for name in _FEE]
    return [dict(zip(_FEE, values, strict=True)) for values in zip(*columns, strict=False)]


def _minor(text: str, currency: str) -> int:
    """An amount as people write it, with point or comma, to the last digit of its currency."""
    places = i18n.exponent_of(currency) if currency else 0
    try:
        amount = Decimal(text.replace(" ", "").replace("\u00a0", "").replace(",", ".")).scaleb(places)
        if amount != int(amount):
            raise BadOffer(
                _("%(text)s has more digits than %(currency)s knows: round it.", text=text, currency=currency)
            )
        return int(amount)
    except (InvalidOperation, ValueError, OverflowError):
        raise BadOffer(
            _("Write the amount as a number, like 250000 or 12.50, not %(text)s.", text=text)
        ) from None
