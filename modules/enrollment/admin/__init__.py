"""Applications in the back office."""

from __future__ import annotations

from modules.enrollment.admin.applications import ApplicationsView
from modules.enrollment.admin.desk import DeskPage

__all__ = ["ApplicationsView", "DeskPage"]
