"""For somebody who lost every second step and the paper with the codes: two officers agree, then the password alone is enough.

Where the policy demands a second step, the person sets a new one up right after signing in.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db.base import db
from core.security import approvals, notices
from core.security.factors import holding
from core.security.factors.holding import NoFactor
from core.security.reach import account_within
from core.security.reasons import because
from core.text import _

ACT = "core.account.factors"


def ask(account_id: int, *, reason: str) -> approvals.Approval:
    """Ask a second officer to agree that the person's second steps are removed (F-42); the caller commits.

    Raises `NoFactor`, and what `account_within` raises for accounts beyond one's reach.
    """
    account = account_within(account_id, "core.account.unlock", "active")
    words = because(reason)
    if not holding.held(account.id).any:
        raise NoFactor(_("This person has no second step to remove."))
    return approvals.ask(ACT, at=account.region_no, subject=str(account.id), reason=words)


@approvals.act(ACT, permission="core.account.approve", title=_("Removal of the second step"))
def _agreed(request: approvals.Approval) -> None:
    """Remove app, passkeys and codes in the second officer's transaction; sessions end, and the person is told."""
    account = account_within(int(request.subject), "core.account.approve", "active")
    db.session.execute(sa.select(sa.func.core.forget_factors(account.id)))
    notices.tell(account.id, "credential-changed", place=account.region_no, what="factors-forgotten")
