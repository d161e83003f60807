"""Applications in the back office."""

from __future__ import annotations

from modules.enrollment.admin.applications import ApplicationsView

__all__ = ["ApplicationsView"]
