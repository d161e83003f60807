"""The register in the back office; the site finds the views by the names in this file."""

from __future__ import annotations

from modules.facilities.admin.capacity import CapacityView
from modules.facilities.admin.centres import RegisterView
from modules.facilities.admin.doubles import DoublesView
from modules.facilities.admin.imports import ImportPage, RunsView
from modules.facilities.admin.meals import MealsPage
from modules.facilities.admin.offer import OfferPage

__all__ = ["CapacityView", "DoublesView", "ImportPage", "MealsPage", "OfferPage", "RegisterView", "RunsView"]
