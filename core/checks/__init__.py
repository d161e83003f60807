"""`dolbom check`: what makes forgetting impossible. Each check is a function that returns findings; none changes anything."""

from __future__ import annotations

from core.checks.finding import Result, run

__all__ = ["Result", "run"]
