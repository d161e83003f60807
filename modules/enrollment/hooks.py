"""Answers of enrollment to the host's questions."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask import url_for

from core.sdk import Card, NavItem, Scope, _, allowed, answers, db
from modules.enrollment.models import Application
from modules.enrollment.services import notices, order, telling
from modules.families.api import Moment, Taken


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """One's applications for parents, the centre's lists for its people."""
    if scope.kind == "public":
        return []
    section = _("Families")
    if allowed("enrollment.application.create"):
        return [NavItem(section, _("My applications"), "enrollment.mine", "clipboard-list", 6)]
    if allowed("enrollment.application.read"):
        found = [NavItem(section, _("Applications"), "enrollment-applications.index_view", "clipboard-list", 15)]
        if allowed("enrollment.place.set") and scope.facilities:
            found.append(NavItem(section, _("Places and offers"), "enrollment-places.index", "home", 14))
        return found
    return []


@answers
def dashboard(scope: Scope) -> list[Card]:
    """How many applications wait: one's own, or those of the places of the post."""
    if scope.kind == "public" or not allowed("enrollment.application.read"):
        return []
    count = db.session.scalar(
        sa.select(sa.func.count()).select_from(Application).where(Application.state == "waiting")
    )
    mine = allowed("enrollment.application.create")
    page = "enrollment.mine" if mine else "enrollment-applications.index_view"
    return [Card(_("My applications") if mine else _("Waiting applications"), str(count or 0), "", page, weight=8)]


@answers
def message_link(about: str) -> str | None:
    """A message about an application leads to it."""
    number = notices.number_of(about)
    return url_for("enrollment.application", number=number) if number is not None else None


@answers
def rankings() -> Iterator[tuple[str, list[tuple[str, int, int]]]]:
    """Every waiting list in its order, for whoever compares it with the public log."""
    return order.rankings()


@answers
def takeout(family_id: int) -> list[Taken]:
    """A family takes its applications along."""
    return telling.takeout(family_id)


@answers
def family_days(family_id: int) -> list[Moment]:
    """Days of a family's applications."""
    return telling.days(family_id)


@answers
def holds_of_child(child_id: int, family_id: int) -> list[str]:
    """Applications that keep a child's data."""
    return telling.holds(child_id, family_id)
