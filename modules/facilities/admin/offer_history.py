"""What happened to a centre's offer, in words: which part of it, what was done, and the values before and after."""

from __future__ import annotations

from typing import Any

from core.sdk import _, audit, histories, i18n
from modules.facilities import words

#: Tables whose changes the page shows → what one row of them is.
TABLES: dict[str, Any] = {
    "facilities.service": _("Service"),
    "facilities.opening_hours": _("Opening hours"),
    "facilities.closing_day": _("Closing day"),
    "facilities.disclosure": _("What the centre tells parents"),
    "facilities.meal_photo": _("Photograph of a meal"),
}


def of(place: int, currency: str) -> list[dict[str, Any]]:
    """The latest changes of one centre's offer; fees are shown in `currency`."""

    def said(field: str, value: Any) -> Any:
        if field == "fees" and value:
            return "; ".join(f"{fee['name']} {i18n.money(fee['amount'], currency)}" for fee in value)
        return words.said(field, value)

    changes = audit.history_of_place(place, tuple(TABLES))
    return histories.entries(changes, words.OFFER_FIELDS, said, _what)


def _what(change: Any) -> str:
    return f"{TABLES[change.table_name]}: {histories.act(change)}"
