"""Notices about accounts travel as events; security stands below the outbox and cannot publish by itself."""

from __future__ import annotations

from core.jobs.events import event, publish
from core.security import telling
from core.security.events import NoticeRaised


def install() -> None:
    """Make `NoticeRaised` an event of the outbox and carry every notice there."""
    event(NoticeRaised)
    telling.carry(publish)
