"""The tables of families, in schema `families`."""

from __future__ import annotations

from modules.families.models.consents import Consent, Sharing
from modules.families.models.family import Child, Collector, Family, Guardian, Membership
from modules.families.models.keeping import CHILDREN, COLLECTORS, GUARDIANS

__all__ = [
    "CHILDREN",
    "COLLECTORS",
    "GUARDIANS",
 "Child", "Collector", "Consent", "Family", "Guardian", "Membership", "Sharing",
]
