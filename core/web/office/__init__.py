"""The host's own pages of the back office; modules add theirs in `admin.py`."""

from __future__ import annotations

from core.web.office.accounts import AccountsPage
from core.web.office.approvals import ApprovalsPage
from core.web.office.changes import ChangesView
from core.web.office.holds import HoldsPage
from core.web.office.jobs import JobsPage
from core.web.office.letters import LettersPage
from core.web.office.modules import ModulesPage
from core.web.office.policies import PoliciesPage
from core.web.office.processing import ProcessingPage
from core.web.office.regions import RegionsPage
from core.web.office.retention import RetentionPage

__all__ = [
    "AccountsPage",
    "ApprovalsPage",
    "ChangesView",
    "HoldsPage",
    "JobsPage",
    "LettersPage",
    "ModulesPage",
    "PoliciesPage",
    "ProcessingPage",
    "RegionsPage",
    "RetentionPage",
]
