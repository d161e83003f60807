"""What modules find wrong in what other modules bring them: each answer to the question `findings` is one check."""

from __future__ import annotations

from core.checks.finding import Result
from core.host import hooks
from core.host.running import Running


def findings(here: Running) -> list[Result]:
    """The modules' own checks, each under the name it gives itself."""
    return [
        Result(found.id, found.message, found.action, list(found.records))
        for answer in hooks.ask_all("findings")
        for found in answer
    ]
