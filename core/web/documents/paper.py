"""Sheets of paper as HTML: a title, who it is from, tables; given to `write_pdf` they become the PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from core.text import _
from core.web.documents.columns import Column, cells
from core.web.i18n import day, language, number

_FIGURES = ("integer", "decimal", "money")


def paper(title: Any, *parts: Markup, sender: Any = "", facts: Mapping[Any, Any] | None = None) -> str:
    """A whole document: heading, `facts` as a small list, then the parts (escaped already).

    `sender` stands at the top. The language is the one in force: wrap everything in `i18n.speaking`.
    """
    rows = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(str(key), _shown(value))
        for key, value in (facts or {}).items()
    )
    return Markup(
        '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{name}</title>'
        '<meta name="author" content="{by}"></head><body>'
        '<header><p class="sender">{by}</p><h1>{name}</h1></header>{facts}{parts}</body></html>'
    ).format(
        lang=language(), name=str(title), by=str(sender), parts=Markup("").join(parts),
        facts=Markup("<dl>{}</dl>").format(rows) if rows else "",
    )  # fmt: skip


def table(columns: Sequence[Column], rows: Iterable[Sequence[Any]], caption: Any = "") -> Markup:
    """A table whose titles repeat on every page; figures stand right, and an empty table says so."""
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_right(column), str(column.title)) for column in columns
    )
    body = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(_right(column), _shown(value, column.exponent))
                for column, value in zip(columns, cells(list(columns), row, index), strict=True)
            )
        )
        for index, row in enumerate(rows, 1)
    ]
    if not body:
        body = [Markup('<tr><td colspan="{}">{}</td></tr>').format(len(columns), str(_("Nothing to list.")))]
    title = Markup("<caption>{}</caption>").format(str(caption)) if caption else ""
    return Markup("<table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        title, head, Markup("").join(body)
    )


def _right(column: Column) -> Markup:
    return Markup(' class="figure"') if column.kind in _FIGURES else Markup("")


def _shown(value: Any, digits: int = 0) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, (int, float, Decimal)):
        return number(value, digits=digits or None)
    if isinstance(value, datetime):
        return f"{day(value.date(), style='medium')} {value:%H:%M}"
    return day(value) if isinstance(value, date) else str(value)
