"""The one blueprint of applying and of the public lists, with what its pages share."""

from __future__ import annotations

from flask import Blueprint

from core.sdk import NotFound, _, activation, atlas
from modules.facilities import api as facilities

bp = Blueprint("enrollment", "modules.enrollment", template_folder="templates")

#: So many signs of a pseudonym are shown; families compare theirs.
SHORT = 8
MANY = 50


def centre_of(code: str) -> tuple[int, str]:
    """Number and name of a centre where the module is on, by its public code."""
    found = facilities.centre_of(code)
    if found is None or not activation.is_active("enrollment", found.id):
        raise NotFound(_("There is no centre with this code. Search for it by name."))
    return found.id, found.name


def zone_of(facility_id: int) -> str:
    """The time zone a centre lives in."""
    region = atlas().region_of(facility_id)
    return region.timezone if region else "UTC"
