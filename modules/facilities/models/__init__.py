"""The tables of the register, in schema `facilities`."""

from __future__ import annotations

from modules.facilities.models.changes import CapacityChange, StatusChange
from modules.facilities.models.facility import AgeGroup, Facility
from modules.facilities.models.imports import ImportDefect, ImportRun, MergeProposal
from modules.facilities.models.keeping import CENTRES, IMPORTS
from modules.facilities.models.offer import ClosingDay, Disclosure, MealPhoto, OpeningHours, Service

__all__ = [
    "CENTRES",
    "IMPORTS",
    "AgeGroup",
    "CapacityChange",
    "ClosingDay",
    "Disclosure",
    "Facility",
    "ImportDefect",
    "ImportRun",
    "MealPhoto",
    "MergeProposal",
    "OpeningHours",
    "Service",
    "StatusChange",
]
