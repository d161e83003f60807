"""The words people read for codes of families."""

from __future__ import annotations

from typing import Any, Final

from core.sdk import _

RELATIONS: Final[dict[str, Any]] = {
    "mother": _("Mother"),
    "father": _("Father"),
    "grandparent": _("Grandparent"),
    "foster": _("Foster parent"),
    "court": _("Guardian by court order"),
    "other": _("Other relation"),
}
#: Purpose → (what one consents to, what happens without it).
CONSENTS: Final[dict[str, tuple[Any, Any]]] = {
    "personal_data": (
        _("The centre may keep and use what we told about our child and ourselves, to look after the child."),
        _("Without this consent no centre can admit the child."),
    ),
    "first_aid": (
        _("The centre may give first aid and call an ambulance when we cannot be reached in time."),
        _("Without this consent no centre can admit the child."),
    ),
    "going_home": (
        _("The child may come and go home as we arranged with the centre."),
        _("Without this consent one of the persons you named collects the child."),
    ),
    "photographs": (
        _("The centre may photograph the child for its own notices to families."),
        _("Without this consent the child is in no photograph. Nothing else changes."),
    ),
}
REGISTERED: Final[dict[str, Any]] = {"online": _("By the family"), "counter": _("At the counter")}
PURPOSES: Final[dict[str, Any]] = {
    "counter": _("registered at its counter"),
    "application": _("you applied there"),
    "enrollment": _("the child is admitted there"),
}
FIELDS: Final[dict[str, Any]] = {
    "name": _("Full name"), "born_on": _("Birthday"), "expected_on": _("Expected on"), "multiple": _("Twin or more"),
    "registered_at": _("Registered"), "registered_by": _("Registered how"),
}  # fmt: skip
