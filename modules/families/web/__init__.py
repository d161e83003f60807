"""A family's own pages: who belongs to it, its children, papers, the other guardian's account, and its data (S2-26)."""

from __future__ import annotations

from modules.families.web import data, family, joining, papers
from modules.families.web.blueprint import bp

__all__ = ["bp", "data", "family", "joining", "papers"]
