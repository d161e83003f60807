"""Statements as small trees: sections of coded lines, sums over facts, assertions that must hold, links to what is behind.

Pure: no database, no clock. A module offers a statement in its `statements.py`; others add lines to its sections.

    offer(Statement("fees.month", _("Fees of the month"), (
        Section("income", _("Income"), (Line("I1", _("Parents"), facts("41*")),)),
        Section("end", "", (Line("R", _("Result"), total("income") - facts("51*")),)),
    ), (Assertion("R = cash", line("R"), facts("11*"), _("Count the cash and post the difference.")),)))
    contribute("sitters", "fees.month", "income", (Line("I9", _("Sitters"), facts("49*")),))
    evaluate("fees.month", {"4101": 120000, …}, lambda module: is_active(module, at=place))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import reduce
from typing import Any, ClassVar

from core.errors import DolbomError


class BadStatement(DolbomError):
    """A statement cannot be put together: an unknown line or anchor, a code used twice, a circle of lines."""

    code: ClassVar[str] = "statement.bad"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Figure:
    """An amount in minor units and the keys of all facts it was made of, for drilling down."""

    amount: int = 0
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Expression:
    """How a figure is made; combine with + - and * (by a whole number)."""

    work: Callable[[Evaluation], Figure]

    def __add__(self, other: Expression) -> Expression:
        return Expression(lambda at: _sum(self.work(at), other.work(at)))

    def __sub__(self, other: Expression) -> Expression:
        return self + other * -1

    def __mul__(self, times: int) -> Expression:
        return Expression(lambda at: replace(figure := self.work(at), amount=figure.amount * times))


def facts(*patterns: str) -> Expression:
    """The sum of all facts whose key matches one of the patterns (`41*`); a fact counts once."""

    def work(at: Evaluation) -> Figure:
        keys = {key for key in at.facts if any(fnmatchcase(key, pattern) for pattern in patterns)}
        return Figure(sum(at.facts[key] for key in keys), frozenset(keys))

    return Expression(work)


def line(code: str) -> Expression:
    """The figure of another line."""
    return Expression(lambda at: at.line(code))


def total(section: str) -> Expression:
    """The sum of a section's lines, contributed ones included."""
    return Expression(lambda at: at.total(section))


@dataclass(frozen=True)
class Line:
    """A line: its code never changes and is what others refer to; `link` names the page behind it."""

    code: str
    title: Any
    value: Expression
    link: str = ""
    module: str = ""


@dataclass(frozen=True)
class Section:
    """Lines under a heading; its code is the anchor at which modules add theirs."""

    code: str
    title: Any
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Assertion:
    """Two figures that must be equal, and what to do when they are not."""

    code: str
    left: Expression
    right: Expression
    advice: Any


@dataclass(frozen=True)
class Statement:
    """A statement as its module offers it."""

    code: str
    title: Any
    sections: tuple[Section, ...]
    assertions: tuple[Assertion, ...] = ()


@dataclass(frozen=True)
class Finding:
    """An assertion and the two figures it compared; `ok` when they are equal."""

    assertion: Assertion
    left: Figure
    right: Figure
    ok: bool


@dataclass
class Evaluation:
    """A statement with its figures."""

    statement: Statement
    facts: Mapping[str, int]
    _known: dict[str, Figure] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        sections = self.statement.sections
        self._lines = {each.code: each for section in sections for each in section.lines}
        codes = [section.code for section in sections] + [each.code for section in sections for each in section.lines]
        if double := [code for code in codes if codes.count(code) > 1]:
            raise BadStatement(f"{self.statement.code}: the code {double[0]} is used twice; rename one")

    def line(self, code: str) -> Figure:
        """The figure of a line, computed once."""
        if code in self._known:
            return self._known[code]
        if code not in self._lines:
            raise BadStatement(f"{self.statement.code}: no line {code}; for lines of others use total()")
        if code in self._open:
            circle = " → ".join([*self._open, code])
            raise BadStatement(f"{self.statement.code}: these lines need each other: {circle}")
        self._open.append(code)
        self._known[code] = self._lines[code].value.work(self)
        self._open.pop()
        return self._known[code]

    def total(self, section: str) -> Figure:
        """The sum of a section."""
        found = [each for each in self.statement.sections if each.code == section]
        if not found:
            raise BadStatement(f"{self.statement.code}: no section {section}")
        return reduce(_sum, (self.line(each.code) for each in found[0].lines), Figure())

    def rows(self) -> list[tuple[Section, Line, Figure]]:
        """Everything in order, for a page or a paper."""
        return [(part, each, self.line(each.code)) for part in self.statement.sections for each in part.lines]

    def findings(self) -> list[Finding]:
        """The assertions with their figures."""
        pairs = [(each, each.left.work(self), each.right.work(self)) for each in self.statement.assertions]
        return [Finding(each, left, right, left.amount == right.amount) for each, left, right in pairs]

    def unused(self) -> list[str]:
        """Facts that no line shows: money that would be missing from the paper."""
        shown = {key for _, _, figure in self.rows() for key in figure.sources}
        return sorted(key for key, amount in self.facts.items() if amount and key not in shown)


OFFERED: dict[str, Statement] = {}
_added: dict[tuple[str, str], list[Line]] = {}


def offer(statement: Statement) -> Statement:
    """Make a statement known under its code (`module.name`)."""
    OFFERED[statement.code] = statement
    return statement


def contribute(module: str, statement: str, anchor: str, lines: tuple[Line, ...]) -> None:
    """Add a module's lines at the end of a section of another's statement; they show where the module is on."""
    if statement not in OFFERED or anchor not in {section.code for section in OFFERED[statement].sections}:
        raise BadStatement(f"{module} adds lines at {statement} / {anchor}, which nobody offers")
    _added.setdefault((statement, anchor), []).extend(replace(each, module=module) for each in lines)


def evaluate(code: str, given: Mapping[str, int], on: Callable[[str], bool]) -> Evaluation:
    """Compose a statement of the modules for which `on` is true and compute all its lines."""
    if code not in OFFERED:
        raise BadStatement(f"there is no statement {code}; known are {', '.join(sorted(OFFERED)) or 'none'}")
    sections = []
    for section in OFFERED[code].sections:
        more = (each for each in _added.get((code, section.code), ()) if on(each.module))
        sections.append(replace(section, lines=(*section.lines, *more)))
    found = Evaluation(replace(OFFERED[code], sections=tuple(sections)), given)
    found.rows()  # a mistake shows here and not halfway down a page
    return found


def _sum(one: Figure, other: Figure) -> Figure:
    return Figure(one.amount + other.amount, one.sources | other.sources)
