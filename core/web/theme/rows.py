"""The rows of a long table: a template writes the pattern of one, Python fills it for each record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from core.text import Text


class Slots:
    """Where the values of a row go in its pattern; a macro of row actions takes it as the row."""

    id, mark, name = ("\ue000id\ue001", "\ue000mark\ue001", "\ue000name\ue001")

    @staticmethod
    def cell(number: int) -> str:
        """The cell in this column."""
        return f"\ue000{number}\ue001"

    @staticmethod
    def act(number: int) -> str:
        """What this row action writes, where it writes something else for each row."""
        return f"\ue000act {number}\ue001"


_SLOT = re.compile("\ue000(.*?)\ue001")


@pass_context
def filled(context: Context, pattern: str, view: Any, records: Iterable[Any], columns: Sequence[tuple[str, Any]],
           acts: Sequence[Any] = ()) -> Markup:  # fmt: skip
    """The table rows of `records`: the template writes the pattern of one with `Slots`, once for a page.

    A template that writes each row itself takes four times as long, and rows are most of a page.
    """
    pieces = _SLOT.split(pattern)
    whole = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
    wanted = pieces[1::2]
    readers = [(str(number), _reader(view, field)) for number, (field, _title) in enumerate(columns)]
    own_acts = [(f"act {number}", act) for number, act in enumerate(acts) if f"act {number}" in wanted]
    said: dict[int, tuple[Any, Any]] = {}
    written = []
    for record in records:
        cells = {slot: read(record) for slot, read in readers}
        row = {slot: _safe(cell, said) for slot, cell in cells.items()}
        number = view.get_pk_value(record)
        row["id"], row["mark"] = _safe(number, said), quote(str(number))
        row["name"] = escape(plain(cells["0"])) if cells else row["id"]
        for slot, act in own_acts:
            row[slot] = escape(act.render_ctx(context, str(number), record))
        written.append(whole % tuple([row[slot] for slot in wanted]))
    return Markup("".join(written))  # noqa: S704  the pattern is the template's, the values are escaped


def _reader(view: Any, field: str) -> Callable[[Any], Any]:
    """How a view reads the cells of a column; our own views prepare it once for a page (core/web/admin/view.py)."""
    if hasattr(view, "reader"):
        return view.reader(field)  # type: ignore[no-any-return]
    return lambda record: view.get_list_value(None, record, field)


def _safe(value: Any, said: dict[int, tuple[Any, Any]]) -> Any:
    """A value as a page may carry it; the few words a column repeats are translated once."""
    if type(value) is int:
        return value
    if type(value) is not Text:
        return escape(value)
    if id(value) not in said:
        said[id(value)] = value, escape(value)
    return said[id(value)][1]


def plain(value: Any) -> str:
    """A cell's words without its markup."""
    return value.striptags() if isinstance(value, Markup) else str(value)
