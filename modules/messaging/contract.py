"""What a gateway plugin is to messaging: it takes messages under keys, and tells later what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from core.sdk import DolbomError

Channel = Literal["alimtalk", "sms", "lms", "email"]
Outcome = Literal["delivered", "failed", "expired"]


class GatewayDown(DolbomError):
    """The gateway did not answer, or could not take anything now: the same message is offered again later."""

    code: ClassVar[str] = "messaging.gateway-down"
    http: ClassVar[int] = 503


@dataclass(frozen=True)
class Outgoing:
    """One message as a gateway gets it. A gateway that knows `key` already answers as it did, and sends nothing again."""

    key: str
    channel: Channel
    place: int
    to: str
    text: str
    language: str
    subject: str = ""
    sender: str = ""
    #: The provider's own code of an approved Alimtalk template.
    template_code: str = ""


@dataclass(frozen=True)
class Accepted:
    """The gateway took the message; `reference` names it in receipts, unique for the gateway."""

    reference: str


@dataclass(frozen=True)
class Refused:
    """The gateway will never take this message; `reason` is a code of `rules.REASONS`."""

    reason: str


@dataclass(frozen=True)
class Receipt:
    """What became of an accepted message."""

    reference: str
    outcome: Outcome
    reason: str = ""


class BadReceipt(DolbomError):
    """What came in as receipts cannot be read."""

    code: ClassVar[str] = "messaging.bad-receipt"
    http: ClassVar[int] = 400


class Gateway(Protocol):
    """A connector plugin's class; it answers the question `message_gateways` with an instance."""

    #: The plugin's name: it stands in receipts' addresses.
    name: str
    channels: frozenset[str]
    #: Whether it tells what became of a message; without, an accepted message counts as sent for good.
    receipts: bool

    def send(self, messages: Sequence[Outgoing]) -> list[Accepted | Refused]:
        """Take messages of one place, up to fifty; answers in their order. Raises `GatewayDown` when all of them should be
        offered again: those it took all the same it knows by their keys."""

    def read(self, body: bytes, headers: Mapping[str, Any]) -> list[Receipt]:
        """The receipts of a request the gateway's provider made. Raises `BadReceipt`."""

    def poll(self, references: Sequence[str]) -> list[Receipt]:
        """What is known by now of these messages; asking again gives the same."""
