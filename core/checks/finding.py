"""One finding of `dolbom check`, and the run over all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from core.host.running import Running


@dataclass
class Result:
    """What one check found: `records` are the places, `action` says what to do about them."""

    id: str
    message: str
    action: str
    records: list[str] = field(default_factory=list)
    #: A warning is shown and counted; it does not fail the check.
    warning: bool = False

    @property
    def severity(self) -> str:
        """`error` or `warning` when something was found."""
        return ("warning" if self.warning else "error") if self.records else "ok"

    def as_json(self) -> dict[str, Any]:
        """The form of `dolbom check --json`."""
        return {**asdict(self), "severity": self.severity, "count": len(self.records)}


Check = Callable[[Running], Result]


def run(here: Running, only: Iterable[str] = ()) -> list[Result]:
    """Run all checks (or those named) on a running installation with its app context pushed."""
    from core.checks import access, borders, files, found, hiding, imports, keeping, models, source, walls

    wanted = set(only)
    checks: tuple[Check, ...] = (
        *models.CHECKS,
        *walls.CHECKS,
        *borders.CHECKS,
        *access.CHECKS,
        *hiding.CHECKS,
        *source.CHECKS,
        *files.CHECKS,
        *imports.CHECKS,
        *keeping.CHECKS,
    )
    done = [check(here) for check in checks if not wanted or check.__name__.replace("_", "-") in wanted]
    return [*done, *(result for result in found.findings(here) if not wanted or result.id in wanted)]
