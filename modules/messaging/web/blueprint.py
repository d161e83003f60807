"""The one blueprint of messaging's pages outside the office."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("messaging", "modules.messaging", template_folder="templates")
