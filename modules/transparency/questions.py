"""What the public log asks of the modules that keep lists."""

from __future__ import annotations

from collections.abc import Iterable

from core.sdk import asks


class LogQuestions:
    """The questions of the log."""

    @asks
    def rankings(self) -> Iterable[tuple[str, list[tuple[str, int, int]]]]:
        """Every list a module keeps, as its pages show it: name, and those who wait by (pseudonym, tier, points), first to last."""
        raise NotImplementedError
