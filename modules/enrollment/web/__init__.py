"""Applying in steps, one's applications with place and reasons, and the public lists (S2-08, S2-14, F-51)."""

from __future__ import annotations

from modules.enrollment.web import applying, own, public
from modules.enrollment.web.blueprint import bp

__all__ = ["applying", "bp", "own", "public"]
