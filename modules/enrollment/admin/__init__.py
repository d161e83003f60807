"""Applications in the back office."""

from __future__ import annotations

from modules.enrollment.admin.applications import ApplicationsView
from modules.enrollment.admin.desk import DeskPage
from modules.enrollment.admin.paper import PaperPage
from modules.enrollment.admin.places import PlacesPage

__all__ = ["ApplicationsView", "DeskPage", "PaperPage", "PlacesPage"]
