"""Background work of the log: every night the order shown is compared with the order the log gives."""

from __future__ import annotations

from datetime import date

from core.sdk import daily, job
from modules.transparency.services.comparing import compare


@job("transparency.lists.compare")
@daily(at="03:30")
def lists_compared(on: date) -> None:
    """Compare all lists with the public log"""
    compare()
