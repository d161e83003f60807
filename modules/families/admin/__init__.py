"""Families in the back office: the children one looks after, and the counter."""

from __future__ import annotations

from modules.families.admin.children import ChildrenView
from modules.families.admin.counter import CounterPage

__all__ = ["ChildrenView", "CounterPage"]
