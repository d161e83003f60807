"""Why an act was done: said once in a transaction, then written beside every change by the history."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.text import _


class NoReason(Refusal):
    """An act that is kept with its reason came without one (F-42)."""

    code: ClassVar[str] = "reason.missing"


def said(reason: str) -> str:
    """A reason on one line. Raises `NoReason` for an empty one."""
    words = " ".join(reason.split())
    if not words:
        raise NoReason(_("Say why: one line is kept in the history."))
    return words


def because(reason: str) -> str:
    """Let the rest of this transaction stand in the change history under `reason`; gives it back as `said`."""
    words = said(reason)
    db.session.execute(sa.text("select set_config('dolbom.reason', :reason, true)"), {"reason": words})
    return words
