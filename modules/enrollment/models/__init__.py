"""The tables of enrollment, in schema `enrollment`."""

from __future__ import annotations

from modules.enrollment.models.application import APPLICATIONS, CLAIMS, OPEN, Application, Claim
from modules.enrollment.models.draft import DRAFTS, Draft
from modules.enrollment.models.lists import Entry, ListRule
from modules.enrollment.models.paper import PAPERS, PaperEntry
from modules.enrollment.models.places import PASSINGS, TAKING, ClassGroup, Passing, Vacancy

__all__ = [
    "APPLICATIONS",
    "CLAIMS",
    "DRAFTS",
    "OPEN",
    "PAPERS",
    "PASSINGS",
    "TAKING",
    "Application",
    "Claim",
    "ClassGroup",
    "Draft",
    "Entry",
    "ListRule",
    "PaperEntry",
    "Passing",
    "Vacancy",
]
