"""Titles of background work: short, and said in every language, for they stand in the office's lists."""

from __future__ import annotations

import flask_babel
import pytest

from core.jobs import handlers
from core.web import catalogues, i18n

LONGEST = 45


@pytest.fixture
def titles(app):
    ours = ("core.", "modules.", "plugins.")  # a campaign in this process brought work of its own
    return {h.id: h.title for h in handlers.book().handlers.values() if h.call.__module__.startswith(ours)}


def test_each_is_a_short_title(titles):
    assert len(titles) > 5
    wrong = {
        name: t for name, t in titles.items() if len(t) > LONGEST or t.endswith(".") or set(t) & set("();:")
    }
    assert not wrong


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_each_is_translated(app, titles, language):
    with app.test_request_context(), i18n.speaking(language):
        assert not {name: t for name, t in titles.items() if flask_babel.gettext(t) == t}


def test_they_are_collected_with_the_texts(tmp_path):
    unit = tmp_path / "props"
    unit.mkdir()
    (unit / "jobs.py").write_text(
        '@job("props.bell.polish")\n@daily(at="02:00")\ndef polish():\n    """Polish all bells\n\n    More text."""\n\n\n'
        '@on(BellRung, queue="slow")\ndef hear(rung):\n    """Count the rings"""\n\n\n'
        '@fixture("x")\ndef other():\n    """Nobody reads this"""\n'
    )
    assert {message.id for message in catalogues.texts(unit, tmp_path) if message.id} == {
        "Polish all bells",
        "Count the rings",
    }
