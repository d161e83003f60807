"""The public log in the back office."""

from __future__ import annotations

from modules.transparency.admin.log import LogPage

__all__ = ["LogPage"]
