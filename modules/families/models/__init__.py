"""The tables of families, in schema `families`."""

from __future__ import annotations

from modules.families.models.consents import Consent, Sharing
from modules.families.models.family import Child, Collector, Family, Guardian, Membership
from modules.families.models.keeping import CHILDREN, COLLECTORS, DOCUMENTS, GUARDIANS, INVITATIONS, REQUESTS
from modules.families.models.likeness import Likeness
from modules.families.models.papers import Document, Invitation, Request

__all__ = [
    "CHILDREN",
    "COLLECTORS",
    "DOCUMENTS",
    "GUARDIANS",
    "INVITATIONS",
    "REQUESTS",
    "Child",
    "Collector",
    "Consent",
    "Document",
    "Family",
    "Guardian",
    "Invitation",
    "Likeness",
    "Membership",
    "Request",
    "Sharing",
]
