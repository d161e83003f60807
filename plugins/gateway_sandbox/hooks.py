"""Answers of the practice gateway."""

from __future__ import annotations

from core.sdk import NavItem, Scope, _, allowed, answers, running
from modules.messaging.api import Gateway
from plugins.gateway_sandbox.gateway import Sandbox

_SANDBOX = Sandbox()


@answers
def message_gateways() -> list[Gateway]:
    """The gateway; never where real people wait for real messages."""
    return [] if running().settings.env == "prod" else [_SANDBOX]


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """What it took, for those who try things out."""
    if scope.kind == "public" or running().settings.env == "prod" or not allowed("gateway_sandbox.delivery.read"):
        return []
    return [NavItem(_("Messages"), _("Practice gateway"), "gateway_sandbox-deliveries.index_view", "plug", 90)]
