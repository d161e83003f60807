"""Answers of the practice gateway."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.sdk import NavItem, Scope, _, allowed, answers, atlas, policies, running
from modules.messaging.api import Gateway
from plugins.gateway_sandbox.gateway import Sandbox

_SANDBOX = Sandbox()
SENDER = "messaging.delivery.sender"


@answers
def message_gateways() -> list[Gateway]:
    """The gateway; never where real people wait for real messages."""
    return [] if running().settings.env == "prod" else [_SANDBOX]


@answers
def demo(region_code: str, folder: Any, on: date) -> None:
    """Give the region a sender, so that its messages leave; the number is nobody's."""
    place = atlas().find(region_code).no
    if running().settings.env != "prod" and not policies.resolve(SENDER, place=place, on=on).value.get("number"):
        policies.override(
            SENDER, place=place, value={"number": "000", "email": "practice@example.org"}, valid_from=on,
            legal_basis="practice gateway: nothing leaves this machine",
        )  # fmt: skip


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """What it took, for those who try things out."""
    if scope.kind == "public" or running().settings.env == "prod" or not allowed("gateway_sandbox.delivery.read"):
        return []
    return [NavItem(_("Messages"), _("Practice gateway"), "gateway_sandbox-deliveries.index_view", "plug", 90)]
