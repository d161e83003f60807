"""Families in the back office: the children one looks after, and the counter."""

from __future__ import annotations

from modules.families.admin.children import ChildrenView
from modules.families.admin.counter import CounterPage
from modules.families.admin.likeness import LikenessPage
from modules.families.admin.papers import PapersPage
from modules.families.admin.requests import RequestsView

__all__ = ["ChildrenView", "CounterPage", "LikenessPage", "PapersPage", "RequestsView"]
