"""The words people read for codes of admission."""

from __future__ import annotations

from typing import Any, Final

from core.sdk import _

CIRCUMSTANCES: Final[dict[str, Any]] = {
    "both_working": _("Both parents work or prepare for work"),
    "three_children": _("Three children or more"),
    "two_children": _("Two children"),
    "basic_livelihood": _("Basic livelihood recipient"),
    "one_parent": _("One-parent family"),
    "near_poor": _("Near-poor household"),
    "disabled_parent": _("A parent with a severe disability"),
    "disabled_sibling": _("A brother or sister with a severe disability"),
    "multicultural": _("Multicultural family"),
    "national_merit": _("Person of national merit"),
    "type_1_diabetes": _("Type 1 diabetes, able to attend"),
    "welfare_facility": _("The child lives in a child welfare facility"),
    "pregnant_mother": _("The mother is pregnant"),
    "defector": _("North Korean defector family"),
    "rare_disease": _("A parent or sibling with a listed rare disease"),
    "raised_by_grandparents": _("Raised by grandparents"),
    "adopted": _("Adopted child"),
    "sibling_attending": _("A brother or sister attends this centre"),
}
#: State of an application → (look, word, what comes next and who acts).
STATES: Final[dict[str, tuple[str, Any, Any]]] = {
    "waiting": ("waiting", _("Waiting"), _("The centre tells you when it is your turn. You need to do nothing now.")),
    "admitted": ("ok", _("Admitted"), _("The centre agrees the first day with you.")),
    "withdrawn": ("neutral", _("Withdrawn by the family"), _("You can apply again at any time.")),
    "elsewhere": ("neutral", _("Ended: admitted elsewhere"), _("The child was admitted to another centre, so this application ended.")),
    "expired": ("stop", _("Ended: the birth was not told"), _("Tell the birth, then apply again.")),
    "refused": ("stop", _("Refused"), _("The reason stands below.")),
}  # fmt: skip
CLAIMS: Final[dict[str, tuple[str, Any]]] = {
    "claimed": ("waiting", _("Evidence not checked yet")),
    "verified": ("ok", _("Evidence checked")),
    "rejected": ("stop", _("Evidence does not prove it")),
    "withdrawn": ("neutral", _("Taken back")),
}
STEPS: Final[dict[str, Any]] = {
    "apply": _("applied"),
    "assess": _("points changed"),
    "admit": _("was admitted"),
    "close": _("left the list"),
    "pass_over": _("was taken before others for a lawful reason"),
}
PASSING: Final[dict[str, Any]] = {
    "no_vacancy_in_class": _("No vacancy in the class of those before"),
    "class_not_operated": _("The class of those before is not run"),
    "capacity_frozen": _("The number of places is frozen by a decision"),
    "ratio_exceeded": _("There would be too many children for a teacher"),
    "infectious_disease": _("Infectious disease until cured"),
    "documents_missing": _("Documents false or not handed in"),
}
#: Why a step happened, by code.
REASONS: Final[dict[str, Any]] = {
    "withdrawn": _("withdrawn by the family"), "elsewhere": _("admitted elsewhere"), "expired": _("the birth was not told"),
    "refused": _("refused"), "admitted": _("next in line"), **PASSING,
}  # fmt: skip
CHANNELS: Final[dict[str, Any]] = {"online": _("online"), "counter": _("At the counter")}


def circumstance(code: str) -> Any:
    """What a circumstance is called; several together are joined."""
    return " + ".join(str(CIRCUMSTANCES.get(one, one)) for one in code.split("+"))
