"""Values in lists and records as people write them, by their type; what a page says better it formats itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask_admin.model.typefmt import BASE_FORMATTERS
from markupsafe import Markup

from core.text import _
from core.web import i18n

#: The first type that fits counts: a moment is a day too, and true is a number.
FORMATTERS: dict[type[Any], Callable[[Any, Any, str], Any]] = {
    bool: lambda _view, value, _name: _("yes") if value else _("no"),
    datetime: lambda _view, value, _name: i18n.moment(value, i18n.zone()),
    date: lambda _view, value, _name: i18n.day(value, style="medium"),
    Decimal: lambda _view, value, _name: i18n.number(value),
    **{kind: shown for kind, shown in BASE_FORMATTERS.items() if kind is not bool},
}


@dataclass(frozen=True, slots=True)
class Row:
    """A record as a list shows it; made here, because a template that asks for each cell takes three times as long."""

    record: Any
    id: str
    #: The id as an address carries it.
    mark: str
    name: str
    cells: list[Any]


def rows(view: Any, records: Sequence[Any], columns: Sequence[tuple[str, Any]]) -> Iterator[Row]:
    """The rows of a view's list, cell by cell as its columns are."""
    fields = [field for field, _title in columns]
    for record in records:
        cells = [view.get_list_value(None, record, field) for field in fields]
        number = str(view.get_pk_value(record))
        yield Row(record, number, quote(number), plain(cells[0]) if cells else number, cells)


def plain(value: Any) -> str:
    """A cell's words without its markup."""
    return value.striptags() if isinstance(value, Markup) else str(value)
