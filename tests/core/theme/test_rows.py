"""The rows of long tables: a pattern filled for each record, in which nothing a record says becomes markup."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from markupsafe import Markup, escape

from core.text import _, ngettext
from core.web.theme.rows import Slots, filled

NASTY = "<b>100 %s</b> \ue000id\ue001 & {name}"


class View:
    """A list with a name and a figure; the third column is markup of its own."""

    def get_list_value(self, _context: Any, record: Any, field: str) -> Any:
        return getattr(record, field)

    def get_pk_value(self, record: Any) -> Any:
        return record.id


def table(pattern: str, records: list[Any], fields: tuple[str, ...], acts: Any = ()) -> str:
    app = Flask("rows")
    Babel(app)
    context: Any = SimpleNamespace(eval_ctx=None)
    with app.app_context():
        return str(filled(context, pattern, View(), records, [(field, field) for field in fields], acts))


def test_each_record_gets_its_row_and_stays_what_it_says() -> None:
    records = [SimpleNamespace(id="a/b c", name=NASTY, places=7), SimpleNamespace(id=2, name="숲", places=None)]
    pattern = f'<tr 5%><td id="{Slots.id}" href="{Slots.mark}" title="{Slots.name}">{Slots.cell(0)}|{Slots.cell(1)}</td></tr>'
    first, second = table(pattern, records, ("name", "places")).split("</tr>")[:2]
    assert first == (
        f'<tr 5%><td id="a/b c" href="a/b%20c" title="{escape(NASTY)}">{escape(NASTY)}|7</td>'
    )
    assert second == '<tr 5%><td id="2" href="2" title="숲">숲|None</td>'


def test_markup_stays_and_is_named_without_it() -> None:
    records = [SimpleNamespace(id=1, name=Markup("<i>A &amp; B</i>"))]
    assert table(f"{Slots.cell(0)}={Slots.name}", records, ("name",)) == "<i>A &amp; B</i>=A &amp; B"


def test_words_that_name_something_are_no_markup() -> None:
    records = [SimpleNamespace(id=n, name=_("Seen: %(what)s", what=f"<{n}>")) for n in range(3)]
    assert table(f"{Slots.cell(0)} ", records, ("name",)) == "Seen: &lt;0&gt; Seen: &lt;1&gt; Seen: &lt;2&gt; "


def test_an_act_that_writes_something_else_for_each_row_is_asked_for_each() -> None:
    act = SimpleNamespace(render_ctx=lambda _context, number, record: Markup(f"<a>{number}{record.name}</a>"))
    records = [SimpleNamespace(id=n, name="x") for n in (1, 2)]
    assert table(Slots.act(1), records, ("name",), [None, act]) == "<a>1x</a><a>2x</a>"


@pytest.mark.parametrize("words", [_("%(who)s was here", who="<script>"), ngettext("%(who)s, %(num)d", "%(who)s, %(num)d", 2, who="<script>")])
def test_what_a_translated_text_names_is_shown_as_written(words: Any) -> None:
    app = Flask("rows")
    Babel(app)
    with app.app_context():
        assert "&lt;script&gt;" in escape(words)
        assert "&lt;script&gt;" in app.jinja_env.from_string("{{ words }}").render(words=words)
        assert "<script>" in str(words)
