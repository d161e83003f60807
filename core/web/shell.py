"""The frame around every page: who works where, in which language, where one can go. Templates read `shell`.

It is made lazily: a page that shows no name asks for none, and a failure's page asks no server at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from core.host import hooks
from core.host.pages import Card, NavItem
from core.host.running import running
from core.regions.atlas import atlas
from core.security import access, roles
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE
from core.security.identity import Identity, PostFacts
from core.security.viewing import View
from core.text import _
from core.web import ceremonies, i18n, requests

PRODUCT = "Dolbom"


def install(app: Flask) -> None:
    """Give every template its `shell`."""
    app.context_processor(lambda: {"shell": shell()})


def shell() -> Shell:
    """The frame of this request."""
    bare = g.get("bare", False) or "stack" not in g or scopes.current_or_none() is None
    kept: Shell | None = g.get("dolbom_shell")
    if kept is None or kept.bare != bare:
        kept = g.dolbom_shell = Shell(bare)
    return kept


class Shell:
    """The facts of the frame; `bare` ones know nothing that would need a server."""

    product = PRODUCT
    footer: tuple[tuple[str, str], ...] = ()

    def __init__(self, bare: bool) -> None:
        self.bare = bare
        self.who: Identity | None = None if bare else g.get("identity")

    @cached_property
    def language(self) -> str:
        """The language of this page."""
        return i18n.language()

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        """All languages, each in its own words."""
        return list(i18n.names(running().settings.languages).items())

    @cached_property
    def csp_nonce(self) -> str:
        """The mark that lets our own scripts run."""
        return str(g.get("csp_nonce", ""))

    @cached_property
    def csrf_token(self) -> str:
        """The token of this session; visitors who only read get none, and so no cookie."""
        return generate_csrf() if self.who is not None or "csrf_token" in session else ""

    @cached_property
    def urls(self) -> dict[str, str]:
        """Where the frame's own links lead."""
        ends = {
            "login": "security.login",
            "logout": "security.logout",
            "account": "account.mine",
            "post": "account.post",
            "language": "account.language",
            "passkey": "entering.passkey",
            "passkey_question": "entering.question",
        }
        found = {name: url_for(end) for name, end in ends.items()}
        if not ceremonies.possible():
            del found["passkey"], found["passkey_question"]
        return {**found, "home": url_for("account.start") if self.who else "/"}

    @cached_property
    def nav(self) -> list[dict[str, Any]]:
        """What this person can open, by section; asked apart, so no page passes the audit by its menu."""
        if self.bare:
            return []
        with access.asking(), requests.as_oneself():
            answers = hooks.ask("navigation", scope=scopes.current())
            offered = [item for answer in answers for item in answer] + list(_own_pages())
        return _by_section(sorted(offered, key=lambda item: item.weight))

    @cached_property
    def user(self) -> dict[str, Any] | None:
        """The person with the post they work in and the others they hold."""
        if self.who is None:
            return None
        posts = [_post(post, self.who, self.language) for post in self.who.posts]
        if g.get("view") is not None:
            posts = [_view(g.view, self.language), *({**post, "current": False} for post in posts)]
        return {
            "name": self.who.name,
            "posts": posts,
            "post": next((post for post in posts if post["current"]), None),
        }

    @cached_property
    def region_name(self) -> str | None:
        """The city or province one works in."""
        path = self.user["post"]["place_path"] if self.user and self.user["post"] else []
        return path[min(1, len(path) - 1)][1] if path else None

    @cached_property
    def clock(self) -> str | None:
        """Date and time at the place one works at."""
        from datetime import UTC, datetime

        if self.who is None:
            return None
        return i18n.moment(datetime.now(UTC), self.who.timezone, self.language)


def _by_section(items: Iterable[NavItem]) -> list[dict[str, Any]]:
    # a hook may name a page whose view was set aside
    offered = [item for item in items if item.endpoint in current_app.view_functions]
    parts: dict[str, list[dict[str, Any]]] = {}
    here = _here([item.endpoint for item in offered])
    for item in offered:
        entry = {
            "url": url_for(item.endpoint),
            "label": str(item.label),
            "icon": item.icon,
            "active": item.endpoint == here,
        }
        parts.setdefault(str(item.section), []).append(entry)
    return [{"section": section, "items": entries} for section, entries in parts.items()]


def _here(endpoints: list[str]) -> str | None:
    """Which of the menu's pages one is at: the page itself, else the first of its kin (a record's page is of its list)."""
    page = request.endpoint or ""
    if page in endpoints:
        return page
    kin, dot, _name = page.rpartition(".")
    return next((one for one in endpoints if dot and one.rpartition(".")[0] == kin), None)


def _own_pages() -> Iterable[NavItem]:
    """The host's own back-office pages; modules offer theirs by the hook."""
    site = current_app.extensions.get("dolbom_office")
    for view in getattr(site, "_views", ()):
        if view.endpoint.startswith("core-") and getattr(view, "listed", False) and view.is_accessible():
            yield NavItem(
                view.section, view.name, f"{view.endpoint}.{view._default_view}", view.icon, view.weight
            )


def _post(post: PostFacts, who: Identity, language: str) -> dict[str, Any]:
    path = place_path(post.place_no, language)
    return {
        "id": post.id,
        "role": post.role,
        "role_title": role_title(post.role),
        "place_name": path[-1][1] if path else str(_("Whole installation")),
        "place_path": path,
        "current": who.post is not None and post.id == who.post.id,
    }


def _view(view: View, language: str) -> dict[str, Any]:
    """What one only looks as, in the place of the post: said at the top of every page."""
    path = place_path(view.place, language)
    title = str(_("Seen as %(role)s, read only", role=role_title(view.role)))
    place = {"place_name": path[-1][1], "place_path": path}
    return {"id": "", "role": view.role, "role_title": title, "current": True, **place}


def role_title(name: str) -> str:
    """A role's title in the reader's language."""
    role = roles.book.find(name)
    return str(gettext(role.title)) if role else name


def place_path(number: int, language: str) -> list[tuple[str, str]]:
    """(code, name) from the country down to the place."""
    if number == EVERYWHERE:
        return []
    path = [(node.code, node.name(language)) for node in atlas().path(number)]
    return path if number in atlas().nodes else [*path, (str(number), facility_name(number))]


def facility_name(number: int) -> str:
    """A facility's name, asked once a session: posts name the same few facilities on every page."""
    kept: dict[str, str] = session.get("places", {})
    if str(number) not in kept:
        with scopes.system("name the places of a post"):
            answers = hooks.ask("facility_names", at=number, numbers=[number])
        name = next((names[number] for names in answers if number in names), "")
        session["places"] = kept = {**kept, str(number): name}
    return kept[str(number)] or str(_("Facility %(number)s", number=number))


def start_page() -> dict[str, Any]:
    """What the start page of a post shows: key figures, and what waits."""
    with access.asking():
        cards: list[Card] = [
            card for answer in hooks.ask("dashboard", scope=scopes.current()) for card in answer
        ]
    return {"tiles": [_tile(card) for card in sorted(cards, key=lambda card: card.weight)]}


_WORDS: dict[str, Callable[[], Any]] = {
    "attention": lambda: _("Attention"),
    "stop": lambda: _("Not done"),
    "waiting": lambda: _("Waiting"),
}


def _tile(card: Card) -> dict[str, Any]:
    known = card.endpoint is not None and card.endpoint in current_app.view_functions
    word = _WORDS.get(card.status)
    return {
        "label": str(card.title),
        "value": card.figure,
        "note": str(card.note),
        "url": url_for(card.endpoint, **card.values) if known else None,  # type: ignore[arg-type]  # known means it is a name
        "status": (card.status, str(word())) if word else None,
    }
