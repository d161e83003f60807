"""Which language is spoken now, and the texts in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import flask_babel
from babel import Locale
from babel.support import NullTranslations
from flask import Flask, g, has_app_context, has_request_context

from core.config import ROOT
from core.security import scope as scopes
from core.web import requests
from core.web.i18n import catalogue

#: The language the program is written in: it needs no catalogue.
SOURCE = "en"

_forced: ContextVar[str | None] = ContextVar("dolbom_language", default=None)


class OneCatalogue(flask_babel.Domain):  # type: ignore[misc]  # flask_babel has no types
    """All texts of core, modules and plugins as one domain; each language is read once a process."""

    def __init__(self, folders: list[Path], cache: Path) -> None:
        super().__init__()
        self.folders, self.files = folders, cache
        self.languages: dict[str, NullTranslations] = {SOURCE: NullTranslations()}

    def get_translations(self) -> NullTranslations:
        """The catalogue of the language in force."""
        return self.of(language())

    def of(self, wanted: str) -> NullTranslations:
        """The catalogue of a language."""
        if wanted not in self.languages:
            self.languages[wanted] = catalogue.load(self.folders, wanted, self.files)
        return self.languages[wanted]


def install(app: Flask) -> None:
    """Give `app` its languages and the filters that write figures and days; must run before Flask-Admin."""
    from core.web.i18n import formats

    running = app.extensions["dolbom"]
    babel = flask_babel.Babel(app, default_locale=running.settings.languages[0], locale_selector=language)
    folders = catalogue.folders(ROOT, [manifest.path for manifest in running.registry])
    texts = babel.domain_instance = OneCatalogue(folders, running.settings.home / "cache" / "texts")
    # Templates ask our catalogue itself, hundreds of times a page; the library looks for it anew each time.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # comes with jinja2.ext.i18n
        gettext=lambda one: texts.get_translations().gettext(one),
        ngettext=lambda one, many, count: texts.get_translations().ngettext(one, many, count),
        pgettext=lambda sense, one: texts.get_translations().pgettext(sense, one),
        npgettext=lambda sense, one, many, count: texts.get_translations().npgettext(sense, one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]
    app.jinja_env.filters.update(
        number=formats.number, figure=formats.figure, money=formats.money, percent=formats.percent,
        day=formats.day, month=formats.month, clock=formats.clock, moment=formats.moment,
    )  # fmt: skip


def zone() -> str:
    """The time zone of the post one works in."""
    who = g.get("identity") if has_app_context() else None
    return who.timezone if who is not None else "UTC"


def language() -> str:
    """The language in force: that of `speaking`, else the request's, else the scope's (a job's)."""
    forced = _forced.get()
    if forced is not None:
        return forced
    if has_request_context():
        return requests.language()
    mine = scopes.current_or_none()
    return mine.language if mine else SOURCE


def locale(wanted: str | None = None) -> Locale:
    """How figures and days are written in a language, or in the one in force."""
    return _locale(wanted or language())


_locale = cache(Locale.parse)  # Babel takes longer to find one than to write a figure with it


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Say everything inside in `wanted`: a letter is written in its receiver's language."""
    token = _forced.set(wanted)
    try:
        with ExitStack() as stack:
            if has_app_context():  # the libraries' own catalogues (Flask-Admin, Flask-Security) follow
                stack.enter_context(flask_babel.force_locale(wanted))
            yield
    finally:
        _forced.reset(token)


def names(languages: tuple[str, ...]) -> dict[str, str]:
    """The languages by code, each in its own words, for the switch on every page."""
    return {code: (locale(code).get_display_name(code) or code) for code in languages}
