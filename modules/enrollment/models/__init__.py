"""The tables of enrollment, in schema `enrollment`."""

from __future__ import annotations

from modules.enrollment.models.application import APPLICATIONS, CLAIMS, Application, Claim
from modules.enrollment.models.draft import DRAFTS, Draft
from modules.enrollment.models.lists import Entry, ListEvent

__all__ = ["APPLICATIONS", "CLAIMS", "DRAFTS", "Application", "Claim", "Draft", "Entry", "ListEvent"]
