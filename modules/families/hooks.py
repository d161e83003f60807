"""Answers of families to the host's questions."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import Card, NavItem, Scope, _, allowed, answers, db
from modules.families.models import Child
from modules.families.services import notices


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """One's own family for parents; children and the counter for those who look after them."""
    if scope.kind == "public":
        return []
    section = _("Families")
    offers = (
        ("families.family.found", NavItem(section, _("My family"), "families.family", "users", 5)),
        ("families.child.register", NavItem(section, _("A family at the counter"), "families-counter.index", "user-plus", 10)),
        ("families.child.register", NavItem(section, _("Registered children"), "families-children.index_view", "users", 20)),
        ("families.document.decide", NavItem(section, _("Papers to look at"), "families-papers.index", "file-text", 25)),
        ("families.request.answer", NavItem(section, _("Requests about data"), "families-requests.index_view", "inbox", 30)),
        ("families.likeness.decide", NavItem(section, _("Children who may be one"), "families-likeness.index", "users", 35)),
    )  # fmt: skip
    found = [item for permission, item in offers if allowed(permission)]
    if allowed("families.child.update") and not allowed("families.family.found"):
        found.append(NavItem(section, _("Registered children"), "families-children.index_view", "users", 20))
    return found


@answers
def message_link(about: str) -> str | None:
    """A message about a paper, a request or the family leads to it."""
    return notices.page_of(about)


@answers
def dashboard(scope: Scope) -> list[Card]:
    """A parent's start page leads to the children."""
    if scope.kind == "public" or not allowed("families.family.found"):
        return []
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Child)) or 0
    note = "" if count else _("Begin with yourself, then enter your child.")
    return [Card(_("My children"), str(count), note, "families.family", weight=5)]
