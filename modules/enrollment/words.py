"""The words people read for codes of admission."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from core.sdk import _, i18n

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
    "offered": ("attention", _("A place is offered"), _("Accept or decline until the day below. Then the offer goes to the next family.")),
    "accepted": ("waiting", _("Place accepted"), _("Bring the papers until the day below. Then the centre admits the child.")),
    "admitted": ("ok", _("Admitted"), _("The centre agrees the first day with you.")),
    "withdrawn": ("neutral", _("Withdrawn by the family"), _("You can apply again at any time.")),
    "elsewhere": ("neutral", _("Ended: admitted elsewhere"), _("The child was admitted to another centre, so this application ended.")),
    "declined": ("neutral", _("Ended: offers declined"), _("You can apply again at any time.")),
    "expired": ("stop", _("Ended: time is over"), _("You can apply again at any time.")),
    "left": ("neutral", _("The child has left"), _("You can apply again at any time.")),
    "refused": ("stop", _("Refused"), _("The reason stands below.")),
}  # fmt: skip
CLAIMS: Final[dict[str, tuple[str, Any]]] = {
    "claimed": ("waiting", _("Evidence not checked yet")),
    "verified": ("ok", _("Evidence checked")),
    "rejected": ("stop", _("Evidence does not prove it")),
    "withdrawn": ("neutral", _("Taken back")),
}
VACANCIES: Final[dict[str, tuple[str, Any]]] = {
    "open": ("attention", _("Offer it")), "offered": ("waiting", _("The family answers")), "accepted": ("waiting", _("Papers come next")),
    "filled": ("ok", _("Filled")), "ended": ("neutral", _("Given back")), "closed": ("neutral", _("Not filled")),
}  # fmt: skip
#: Kinds of leaves as people read them.
STEPS: Final[dict[str, Any]] = {
    "rule": _("The rule of the list"), "capacity": _("Places of the class"), "migrate": _("taken over from the paper list"),
    "apply": _("applied"), "assess": _("points changed"), "offer": _("was offered a place"), "accept": _("accepted the place"),
    "decline": _("declined the place"), "expire": _("did not answer in time"), "admit": _("was admitted"),
    "withdraw": _("left the list"), "reopen": _("waits again"), "override": _("was put first by two officers"),
    "correct": _("was corrected"), "extend": _("stays on"), "erase": _("was erased"), "refused": _("was left out of one place"),
}  # fmt: skip
PASSING: Final[dict[str, Any]] = {
    "no_vacancy_in_class": _("No vacancy in its class"),
    "class_not_operated": _("Its class is not run"),
    "capacity_frozen": _("The number of places is frozen by a decision"),
    "ratio_exceeded": _("There would be too many children for a teacher"),
    "infectious_disease": _("Infectious disease until cured"),
    "documents_missing": _("Documents false or not handed in"),
    "not_wanted_yet": _("wants to begin later"),
    "no_place_those_hours": _("no place at the hours asked for"),
}
OVERRIDES: Final[dict[str, Any]] = {
    "court_order": _("Decision of a court"), "child_protection": _("Protection of a child"), "disaster": _("Disaster"),
    "error_of_office": _("An error of the office is put right"),
}  # fmt: skip
#: Why a step happened, by code.
REASONS: Final[dict[str, Any]] = {
    "withdrawn": _("withdrawn by the family"), "elsewhere": _("accepted a place elsewhere"), "refused": _("refused"),
    "left": _("the child has left"), "ended": _("the school year is over"), "double": _("two records of one child"),
    "no_answer": _("no answer in time"), "too_old": _("school begins"), "birth_untold": _("the birth was not told"),
    "back": _("waits on behind those of its points"), "out": _("left the list"),
    **PASSING, **OVERRIDES,
}  # fmt: skip
CHANNELS: Final[dict[str, Any]] = {"online": _("online"), "counter": _("At the counter"), "paper": _("from the paper list")}


def circumstance(code: str) -> Any:
    """What a circumstance is called; several together are joined."""
    return " + ".join(str(CIRCUMSTANCES.get(one, one)) for one in code.split("+"))


def step(one: Any) -> Any:
    """What a leaf says happened."""
    return STEPS["refused"] if "refusal" in one.facts else STEPS.get(one.kind, one.kind)


def reason(one: Any) -> str:
    """Why it happened, or the figures it gives."""
    facts = one.facts
    for key in ("refusal", "reason", "then"):
        if facts.get(key):
            return str(REASONS.get(facts[key], facts[key]))
    if "points" in facts:
        return str(_("%(points)s points", points=facts["points"]))
    if "places" in facts:
        return str(_("%(count)s places", count=facts["places"]))
    return str(_("until %(day)s", day=i18n.day(date.fromisoformat(facts["until"])))) if facts.get("until") else "—"


def list_title(name: str) -> str:
    """What a list is called: its class, and from when."""
    _code, _slash, line = name.rpartition("/")
    kind, _dash, rest = line.partition("-")
    if kind == "rolling" and rest.isdecimal():
        return str(_("Class of age %(age)s, as soon as possible", age=rest))
    year, _dash, age = line.removeprefix("new-year-").partition("-")
    if year.isdecimal() and age.isdecimal():
        return str(_("Class of age %(age)s, from March %(year)s", age=age, year=year))
    return line


def tiers(code: str) -> str:
    """Priorities by number, several joined: small groups are not told apart."""
    numbers = code.split("+")
    if len(numbers) == 1:
        return str(_("Priority %(number)s", number=numbers[0]))
    return str(_("Priorities %(first)s to %(last)s together", first=numbers[0], last=numbers[-1]))


def moved(move: dict[str, Any]) -> str:
    """Why a place changed: by the family's own step, or by another one's."""
    what = str(STEPS.get(move["reason"], REASONS.get(move["reason"], move["reason"])))
    return str(_("You: %(what)s", what=what)) if move["own"] else str(_("Another family: %(what)s", what=what))
