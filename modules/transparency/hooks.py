"""Answers of the log to the host's questions."""

from __future__ import annotations

from core.sdk import NavItem, Scope, _, answers


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """The log, for everybody."""
    return [NavItem(_("Facilities"), _("Public log"), "transparency.log", "list", 40)]
