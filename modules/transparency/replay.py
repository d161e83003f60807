"""Replay a log: who waits where in which order, and every step that broke a rule of `docs/log.md`. Pure.

The server compares this with its own tables every night; outsiders use the standalone verifier, which shares no line
with this file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from modules.transparency.entries import BadEntry, canonical

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Codes that a refusal and an override may carry.
REFUSALS = frozenset(
    ("no_vacancy_in_class", "class_not_operated", "capacity_frozen", "ratio_exceeded", "infectious_disease",
     "documents_missing", "no_place_those_hours", "not_wanted_yet")
)  # fmt: skip
OVERRIDES = frozenset(("court_order", "child_protection", "disaster", "error_of_office"))
ENDS = frozenset(("withdrawn", "elsewhere", "double", "left", "refused", "ended"))
#: States that take up a place.
_TAKING = ("offered", "accepted", "admitted")
#: Kinds that move no list.
_SILENT = frozenset(("key", "witness", "policy", "close", "visit", "extend"))


class Broken(Exception):
    """A leaf that a rule forbids; what it says did not happen, as far as a replay can tell."""


@dataclass
class Waiting:
    """One entry as the log has it."""

    tier: int
    points: int
    cohort: int
    index: int
    state: str = "waiting"
    vacancy: int | None = None
    ended: str = ""


@dataclass
class Line:
    """One list: its rule, its places, its entries, and what was said about vacancies."""

    order: str = ""
    announced: tuple[str, str] | None = None
    day: str = ""
    places: int | None = None
    batch: str = ""
    batch_at: tuple[int, str] = (0, "")
    offers: int = 0
    entries: dict[str, Waiting] = field(default_factory=dict)
    refused: set[tuple[int, str]] = field(default_factory=set)
    overridden: set[tuple[int, str]] = field(default_factory=set)

    def key(self, entry: Waiting) -> tuple[int, int, int, int]:
        """What the list is ordered by, smallest first."""
        return (entry.tier if self.order == "tier" else 0, -entry.points, entry.cohort, entry.index)

    def standing(self) -> list[tuple[str, int, int]]:
        """Those who wait by (pseudonym, tier, points), first to last."""
        waiting = [(self.key(entry), name, entry) for name, entry in self.entries.items() if entry.state == "waiting"]
        return [(name, entry.tier, entry.points) for _key, name, entry in sorted(waiting, key=lambda one: one[0])]

    def ranking(self) -> list[str]:
        """The pseudonyms of those who wait, first to last."""
        return [name for name, _tier, _points in self.standing()]


@dataclass
class Replay:
    """All lists after the leaves so far; `broken` holds the index and rule of each leaf that none of them allows."""

    lines: dict[str, Line] = field(default_factory=dict)
    broken: list[tuple[int, str]] = field(default_factory=list)
    #: Facility → how often a rule was lawfully left: overrides and refusals by code.
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, leaves: Iterable[tuple[int, bytes]]) -> Replay:
        """Go on with further leaves, in their order: (index, entry)."""
        for index, raw in leaves:
            try:
                facts = _read(raw)
                kind = facts["kind"]
                if kind in _SILENT:
                    continue
                line = self.lines.setdefault(facts["list"], Line())
                _day(line, facts)
                _KINDS[kind](self, line, facts, index)
            except Broken as error:
                self.broken.append((index, str(error)))
            except (KeyError, TypeError, ValueError) as error:
                self.broken.append((index, f"an entry nobody can read: {error!r}"))
        return self


def _read(raw: bytes) -> dict[str, Any]:
    facts = json.loads(raw)
    _need(type(facts) is dict, "an entry is an object")
    try:
        again = canonical(facts["kind"], {name: value for name, value in facts.items() if name != "kind"})
    except BadEntry as error:
        raise Broken(str(error)) from None
    _need(again == raw, "an entry is written in one way")
    found: dict[str, Any] = facts
    return found


def _need(holds: bool, said: str) -> None:
    if not holds:
        raise Broken(said)


def _day(line: Line, facts: dict[str, Any]) -> None:
    day = facts["on"]
    _need(_DAY.fullmatch(day) is not None and day >= line.day, "the days of a list never fall")
    line.day = day
    if line.announced and line.announced[0] <= day:
        line.order, line.announced = line.announced[1], None


def _known(line: Line, facts: dict[str, Any], *states: str) -> Waiting:
    entry = line.entries.get(facts["entry"])
    if entry is None:
        raise Broken("nobody of this sign is in the list")
    _need(not states or entry.state in states, f"the entry is {entry.state}")
    return entry


def _rule(_all: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    _need(facts["order"] in ("points", "tier"), "the order of a rule is points or tier")
    if any(entry.state == "waiting" for entry in line.entries.values()):
        _need(facts["from"] > facts["on"], "while somebody waits, a rule is announced before it holds")
        line.announced = (facts["from"], facts["order"])
    else:
        line.order = facts["order"]


def _capacity(_all: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    _need(facts["places"] >= 0, "places are not fewer than none")
    line.places = facts["places"]


def _sum(facts: dict[str, Any]) -> tuple[int, int]:
    tier, points = facts["tier"], facts["points"]
    _need(type(tier) is int and type(points) is int and 0 <= tier <= 9, "tier and points are whole numbers")
    return tier, points


def _apply(_all: Replay, line: Line, facts: dict[str, Any], index: int) -> None:
    _need(bool(line.order), "the list has no rule")
    _need(facts["entry"] not in line.entries, "the sign is there already")
    line.entries[facts["entry"]] = Waiting(*_sum(facts), 1, index)


def _migrate(all_: Replay, line: Line, facts: dict[str, Any], index: int) -> None:
    _need(not line.offers, "a paper list is taken over before the first offer")
    _need(line.batch in ("", facts["batch"]), "one paper list for each list")
    number, original = line.batch_at
    _need(facts["number"] == number + 1, "the numbers of a paper list follow one another")
    _need(facts["original"] >= original, "the days of a paper list never fall")
    _apply(all_, line, facts, index)
    line.entries[facts["entry"]].cohort = 0
    line.batch, line.batch_at = facts["batch"], (facts["number"], facts["original"])


def _assess(all_: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    if "refusal" in facts:
        _known(line, facts, "waiting")
        _need(facts["refusal"] in REFUSALS, "no such reason to leave somebody out")
        line.refused.add((facts["vacancy"], facts["entry"]))
        all_.counted[_facility(facts), facts["refusal"]] += 1
    elif "to" in facts:
        _known(line, facts, "waiting", "admitted")
        _need(_facility(facts) == facts["to"].partition("/")[0], "an entry stays at its facility")
        other = all_.lines.setdefault(facts["to"], Line())
        _need(bool(other.order) and facts["entry"] not in other.entries, "the other list takes it")
        other.entries[facts["entry"]] = line.entries.pop(facts["entry"])
    else:
        entry = _known(line, facts)
        entry.tier, entry.points = _sum(facts)


def _correct(_all: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    _need(bool(facts["reason"]) and "/" in facts["by"], "a correction says why and by whom")
    entry = _known(line, facts)
    entry.tier, entry.points = _sum(facts)


def _offer(_all: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    entry, vacancy, name = _known(line, facts, "waiting"), facts["vacancy"], facts["entry"]
    _need((vacancy, name) not in line.refused, "who was left out of a vacancy is not offered it")
    mine = line.key(entry)
    if (vacancy, name) not in line.overridden:
        first = min(
            (line.key(one) for who, one in line.entries.items() if one.state == "waiting" and (vacancy, who) not in line.refused),
            default=mine,
        )
        _need(mine <= first, "somebody else came first")
    _need(
        not any(one.vacancy == vacancy and one.state in _TAKING for one in line.entries.values()), "the place is somebody else's"
    )
    if line.places is not None:
        taken = sum(one.state in _TAKING for one in line.entries.values())
        _need(taken < line.places, "there are no more places")
    entry.state, entry.vacancy = "offered", vacancy
    line.offers += 1


def _override(all_: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    _known(line, facts, "waiting")
    _need(facts["reason"] in OVERRIDES, "no such reason for an override")
    first, second = facts["first"].partition("/"), facts["second"].partition("/")
    _need(bool(first[0] and first[2] and second[0] and second[2]) and first[0] != second[0], "an override needs two offices")
    line.overridden.add((facts["vacancy"], facts["entry"]))
    all_.counted[_facility(facts), "override"] += 1


def _answer(all_: Replay, line: Line, facts: dict[str, Any], index: int) -> None:
    kind = facts["kind"]
    if kind == "expire" and "vacancy" not in facts:
        _need(facts["then"] == "out", "an entry that ran out leaves")
        _leave(_known(line, facts, "waiting", "offered", "accepted"), "expired")
        return
    entry = _known(line, facts, "offered", *(("accepted",) if kind == "expire" else ()))
    _need(entry.vacancy == facts["vacancy"], "another place was offered")
    if kind == "accept":
        entry.state = "accepted"
    elif facts["then"] == "back":
        entry.state, entry.vacancy, entry.index = "waiting", None, index
    else:
        _need(facts["then"] == "out", "back or out")
        _leave(entry, kind)


def _admit(_all: Replay, line: Line, facts: dict[str, Any], index: int) -> None:
    if facts["source"] == "import":
        _need(facts["entry"] not in line.entries, "the sign is there already")
        line.entries[facts["entry"]] = Waiting(9, 0, 1, index, state="admitted")
        return
    entry = _known(line, facts, "accepted")
    _need(facts["source"] == "offer" and entry.vacancy == facts["vacancy"], "another place was accepted")
    entry.state = "admitted"


def _withdraw(_all: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    _need(facts["reason"] in ENDS, "no such reason to leave")
    _leave(_known(line, facts, "waiting", *_TAKING), facts["reason"])


def _leave(entry: Waiting, why: str) -> None:
    entry.state, entry.vacancy, entry.ended = "out", None, why


def _reopen(_all: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    entry = _known(line, facts, "out")
    _need(entry.ended == "refused" and bool(facts["reason"]), "only what was refused is opened again, with a reason")
    entry.state, entry.ended = "waiting", ""


def _erase(_all: Replay, line: Line, facts: dict[str, Any], _index: int) -> None:
    entry = _known(line, facts)
    if entry.state != "out":
        _leave(entry, "erased")


def _facility(facts: dict[str, Any]) -> str:
    name: str = facts["list"]
    return name.partition("/")[0]


_KINDS: dict[str, Callable[[Replay, Line, dict[str, Any], int], None]] = {
    "rule": _rule, "capacity": _capacity, "apply": _apply, "migrate": _migrate, "assess": _assess, "correct": _correct, "offer": _offer,
    "override": _override, "accept": _answer, "decline": _answer, "expire": _answer, "admit": _admit, "withdraw": _withdraw,
    "reopen": _reopen, "erase": _erase,
}  # fmt: skip
