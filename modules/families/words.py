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
DOCUMENTS: Final[dict[str, Any]] = {
    "family_relation": _("Family relation certificate"),
    "resident_register": _("Extract of the register of residents"),
    "employment": _("Proof of employment, one for each parent"),
    "job_seeking": _("Proof that a parent looks for work or studies"),
    "pregnancy": _("Proof of pregnancy"),
    "basic_livelihood": _("Certificate of basic livelihood"),
    "near_poor": _("Certificate of a near-poor household"),
    "one_parent": _("Certificate of a one-parent family"),
    "disability": _("Certificate of disability"),
    "multicultural": _("Proof of a multicultural family"),
    "national_merit": _("Certificate of national merit"),
    "medical": _("A doctor's certificate"),
    "adoption": _("Certificate of adoption"),
    "vaccination": _("Certificate of vaccinations"),
    "other": _("Another paper the centre asked for"),
}
#: State → (look, word).
PAPER_STATES: Final[dict[str, tuple[str, Any]]] = {
    "waiting": ("waiting", _("not looked at yet")),
    "accepted": ("ok", _("counts")),
    "refused": ("stop", _("does not count")),
}
REQUESTS: Final[dict[str, Any]] = {
    "correction": _("Something is wrong"),
    "erasure": _("Erase something"),
    "objection": _("Stop using something"),
}
#: State → (look, word).
REQUEST_STATES: Final[dict[str, tuple[str, Any]]] = {
    "open": ("waiting", _("waits for an answer")),
    "done": ("ok", _("done")),
    "refused": ("stop", _("not done")),
}


def paper(kind: str) -> Any:
    """A kind of paper in words."""
    return DOCUMENTS.get(kind, kind)


def consent(purpose: str) -> Any:
    """What a consent says, in words."""
    return CONSENTS[purpose][0] if purpose in CONSENTS else purpose


#: Stands for the name of an unborn child that has none yet.
NO_NAME: Final = "—"


def called(name: str) -> str:
    """A child's name; an unborn child may have none yet."""
    return name if name != NO_NAME else str(_("Unborn child"))
