"""The back office on Flask-Admin, made safe: no view can forget a permission, a row rule, a token or a whitelist."""

from __future__ import annotations

from core.web.admin.guarded import PageView
from core.web.admin.site import install, register
from core.web.admin.view import SafeView

__all__ = ["PageView", "SafeView", "install", "register"]
