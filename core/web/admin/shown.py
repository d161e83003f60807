"""Values in lists and records as people write them, by their type; what a page says better it formats itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_admin.model.typefmt import BASE_FORMATTERS

from core.text import _
from core.web import i18n

YES, NO = _("yes"), _("no")

#: The first type that fits counts: a moment is a day too, and true is a number.
FORMATTERS: dict[type[Any], Callable[[Any, Any, str], Any]] = {
    bool: lambda _view, value, _name: YES if value else NO,
    datetime: lambda _view, value, _name: i18n.moment(value, i18n.zone()),
    date: lambda _view, value, _name: i18n.day(value, style="medium"),
    Decimal: lambda _view, value, _name: i18n.number(value),
    **{kind: shown for kind, shown in BASE_FORMATTERS.items() if kind is not bool},
}
