"""What the practice gateway took, and the switch that takes it down."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import SafeView, _, allowed, attempting, expose, scope
from modules.messaging.api import words
from plugins.gateway_sandbox.models import Delivery
from plugins.gateway_sandbox.services import come_back, go_down


class DeliveriesView(SafeView):
    """Messages that would have gone out."""

    of = Delivery
    slug = "deliveries"
    title = _("Practice gateway")
    permission = "gateway_sandbox.delivery"
    listed = False
    list_template = "gateway_sandbox/list.html"
    column_list = ("at", "channel", "recipient", "text", "refused", "outcome")
    column_details_list = ("at", "channel", "sender", "recipient", "subject", "text", "refused", "outcome", "reason", "reference", "key")
    column_labels = {
        "at": _("Taken"), "channel": _("Way"), "recipient": _("Recipient"), "text": _("Text"), "refused": _("Refused because"),
        "outcome": _("Receipt"), "sender": _("From"), "subject": _("Subject"), "reason": _("Reason"), "reference": _("Reference"),
        "key": _("Key"),
    }  # fmt: skip
    column_formatters = {
        "channel": lambda view, context, row, name: words.CHANNELS.get(row.channel, row.channel),
        "outcome": lambda view, context, row, name: words.ATTEMPTS[row.outcome][1] if row.outcome else "—",
        "refused": lambda view, context, row, name: words.reason(row.refused) if row.refused else "—",
        "reason": lambda view, context, row, name: words.reason(row.reason) if row.reason else "—",
    }
    order = ("id", True)
    rows_alone = True
    empty_hint = _("Nothing was sent through the practice gateway yet. Nothing it takes reaches anybody.")

    def render(self, template: str, **facts: Any) -> Any:
        """Every page knows whether the gateway may be switched."""
        return super().render(template, may_switch=self._where() is not None, csrf=generate_csrf(), **facts)

    @staticmethod
    def _where() -> int | None:
        place = scope.current().place
        return place if place is not None and allowed("gateway_sandbox.outage.begin", at=place) else None

    @expose("/down", methods=("POST",))
    def down_view(self) -> Any:
        """Be down for an hour."""
        with attempting() as attempt:
            go_down(self._where() or 0, request.form.get("minutes", 60, type=int))
        flash(str(attempt.refused) if attempt.refused else _("The gateway takes nothing now."), "error" if attempt.refused else "success")
        return redirect(self.get_url(".index_view"))

    @expose("/up", methods=("POST",))
    def up_view(self) -> Any:
        """Be back."""
        with attempting() as attempt:
            come_back(self._where() or 0)
        flash(str(attempt.refused) if attempt.refused else _("The gateway is back."), "error" if attempt.refused else "success")
        return redirect(self.get_url(".index_view"))
