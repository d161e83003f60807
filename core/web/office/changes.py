"""Who changed what, when and why: the history of all records in the post's places."""

from __future__ import annotations

from typing import Any

from core.security.audit import Change
from core.text import _
from core.web.admin.view import SafeView
from core.web.office import histories, naming


class ChangesView(SafeView):
    """The change history as a list; nobody edits it."""

    of = Change
    slug = "changes"
    title = _("Change history")
    section = _("Administration")
    icon = "history"
    weight = 80
    permission = "core.change"
    column_list = ("at", "actor", "table_name", "pk", "op", "reason", "diff")
    column_labels = {
        "at": _("When"), "actor": _("Who"), "table_name": _("Record of"), "pk": _("Number"), "op": _("Act"),
        "reason": _("Reason"), "diff": _("Before → after"),
    }  # fmt: skip
    column_filters = ("table_name", "pk", "actor")
    column_sortable_list = ()
    order = ("id", True)

    def _diff(self, context: Any, row: Change, name: str) -> str:
        if row.op != "U":
            return ", ".join(f"{key}={value}" for key, value in row.diff.items())[:300]
        return "; ".join(f"{key}: {old} → {new}" for key, (old, new) in row.diff.items())[:300]

    column_formatters = {
        "table_name": lambda view, context, row, name: naming.table(row.table_name),
        "op": lambda view, context, row, name: histories.act(row),
        "diff": _diff,
    }
