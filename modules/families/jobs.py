"""Background work of families: files that no paper names any more go."""

from __future__ import annotations

from datetime import date

from core.sdk import daily, job
from modules.families.services.papers import sweep_papers


@job("families.document.sweep", effect="outside")
@daily(at="03:30")
def sweep_files(on: date, idempotency_key: str) -> None:
    """Delete files without a paper"""
    sweep_papers()
