"""The one blueprint of a family's pages."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("families", "modules.families", template_folder="templates")
