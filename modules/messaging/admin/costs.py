"""What messages cost, by district, month and channel."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.sdk import PageView, _, expose, i18n, require, scope
from modules.messaging import words
from modules.messaging.services.costs import costs

#: Months looked back.
MONTHS = 12


class CostsPage(PageView):
    """The last twelve months."""

    slug = "costs"
    title = _("Costs of messages")
    permission = "messaging.cost"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """One line for each district, month and channel."""
        require("messaging.cost.read")
        last = scope.current().on_date.replace(day=1)
        months = last.year * 12 + last.month - MONTHS
        first = date(months // 12, months % 12 + 1, 1)
        return self.render("messaging/office/costs.html", rows=costs(first, last), words=words, money=i18n.money, month=i18n.month)
