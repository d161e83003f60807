"""The one blueprint of applying and of the public lists, with what its pages share."""

from __future__ import annotations

from flask import Blueprint

from core.sdk import NotFound, _, activation, ask, atlas, scope
from modules.facilities import api as facilities

bp = Blueprint("enrollment", "modules.enrollment", template_folder="templates")

#: So many signs of a pseudonym are shown; families compare theirs.
SHORT = 8
MANY = 50


def centre_of(code: str) -> tuple[int, str]:
    """Number and name of a centre where the module is on, by its public code."""
    with scope.public(scope.current().language):
        numbers = [one for one in ask("facility_number", reference=code) if one is not None]
    if not numbers or not activation.is_active("enrollment", numbers[0]):
        raise NotFound(_("There is no centre with this code. Search for it by name."))
    return numbers[0], facilities.names(numbers[:1])[numbers[0]]


def zone_of(facility_id: int) -> str:
    """The time zone a centre lives in."""
    region = atlas().region_of(facility_id)
    return region.timezone if region else "UTC"
