"""The one door to translated text in Python: `_("English words")` becomes the reader's language late."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_app_context
from flask_babel import Domain
from flask_babel.speaklater import LazyString
from markupsafe import escape

__all__ = ["Text", "_", "domain", "ngettext"]


class Text(LazyString):  # type: ignore[misc]  # flask_babel has no types
    """Words that are said in the language of whoever reads them; what they name is shown as it was written."""

    def __html__(self) -> str:
        # The library's own calls itself markup: a name with a tag in it would become one.
        return str(escape(str(self)))


def _(words: str, /, **named: Any) -> Text:
    """These words in the reader's language, with what they name: `_("%(count)s places", count=3)`."""
    return Text(_said, words, **named)


def ngettext(one: str, many: str, num: int, /, **named: Any) -> Text:
    """These words in the form the reader's language has for so many."""
    return Text(_counted, one, many, num, **named)


def domain() -> Domain:
    """The texts of the application at work; without one, everything stays as it is written."""
    found = current_app.extensions.get("babel") if has_app_context() else None
    return found.instance.domain_instance if found else Domain()


def _said(words: str, /, **named: Any) -> str:
    return str(domain().gettext(words, **named))


def _counted(one: str, many: str, num: int, /, **named: Any) -> str:
    return str(domain().ngettext(one, many, num, **named))
