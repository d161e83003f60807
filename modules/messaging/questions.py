"""What messaging asks of other modules and plugins."""

from __future__ import annotations

from core.sdk import asks
from modules.messaging.contract import Gateway


class Questions:
    """The questions of messaging."""

    @asks
    def message_gateways(self) -> list[Gateway]:
        """The gateways a connector plugin brings."""
        raise NotImplementedError

    @asks
    def secret_fact(self, field: str, about: str) -> str | None:
        """The value of a template's secret field for one record, at the moment of sending; None = not mine."""
        raise NotImplementedError

    @asks
    def message_link(self, about: str) -> str | None:
        """The address of the page a message is about (F-54); None = not mine."""
        raise NotImplementedError
