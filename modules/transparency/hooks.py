"""Answers of the log to the host's questions."""

from __future__ import annotations

from core.sdk import NavItem, Scope, _, allowed, answers


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """The log, for everybody."""
    mine = scope.kind != "public" and allowed("transparency.witness.read")
    return [NavItem(_("Facilities"), _("Public log"), "transparency-log.index" if mine else "transparency.log", "list", 40)]
