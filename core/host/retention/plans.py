"""What a purge would take, and what it would leave: by rule and place, with the period, its law and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app

from core.db.base import db
from core.host.retention.holds import block, standing
from core.host.retention.rules import RULES, Period, RetentionRule, due, of_policy, written
from core.regions import policies
from core.regions.atlas import Node, atlas
from core.regions.policies import NoPolicy, PolicyOverride
from core.security import scope as scopes
from core.security.access import require
from core.security.identity import EVERYWHERE


@dataclass(frozen=True)
class Span:
    """A block of place numbers with one period: rows anchored up to `cutoff` are due there."""

    low: int
    high: int
    cutoff: date
    period: str
    origin: str
    legal_basis: str = ""
    status: str = "confirmed"


@dataclass(frozen=True)
class Due:
    """One rule's line of the plan."""

    rule: str
    module: str
    table: str
    title: str
    due: int
    held: int
    spans: tuple[Span, ...]
    holds: tuple[int, ...]

    @property
    def goes(self) -> int:
        """Rows a purge would take."""
        return self.due - self.held

    @property
    def unsure(self) -> tuple[str, ...]:
        """Policies nobody has confirmed: the purge is refused until somebody does."""
        return tuple(sorted({span.origin for span in self.spans if span.status == "unverified"}))


def plan(place: int = EVERYWHERE, on: date | None = None) -> list[Due]:
    """What every rule would purge at a place on a day; nothing is changed. Asks for the right to see it there."""
    require("core.retention.read", at=place)
    day = on or scopes.current().on_date
    with scopes.system("plan a purge"):
        return [_line(rule, place, day) for _, rule in sorted(RULES.by_name.items())]


def _line(rule: RetentionRule, place: int, on: date) -> Due:
    found = spans(rule, place, on)
    stopping = [hold for hold, _ in standing(rule.module)]
    over, free = (
        db.session.scalar(sa.select(sa.func.count()).select_from(rule.model).where(condition)) or 0
        for condition in (over_at(rule, found), takes(rule, found))
    )
    return Due(
        rule.name, rule.module, rule.table, str(rule.title or rule.name), over, over - free, tuple(found),
        tuple(hold.id for hold in stopping),
    )  # fmt: skip


def over_at(rule: RetentionRule, found: list[Span]) -> sa.ColumnElement[bool]:
    """The condition «the period is over at its place»."""
    column = rule.place_column
    parts = [
        due(rule, span.cutoff)
        if column is None
        else sa.and_(column.between(span.low, span.high), due(rule, span.cutoff))
        for span in found
    ]
    return sa.or_(sa.false(), *parts)


def takes(rule: RetentionRule, found: list[Span]) -> sa.ColumnElement[bool]:
    """The condition «a purge takes it now»: over, and under no hold."""
    column = rule.place_column
    free = [
        sa.false() if column is None or hold.place_no is None else sa.not_(column.between(low, high))
        for hold, (low, high) in standing(rule.module)
    ]
    return sa.and_(over_at(rule, found), *free)


def spans(rule: RetentionRule, place: int, on: date) -> list[Span]:
    """The blocks of a place with the period that holds in each; where no policy holds nothing is ever due."""
    low, high = block(place)
    if not rule.policy:
        period = written(rule.keep)
        return [Span(low, high, period.cutoff(on), str(period), "rule")]
    found: list[Span] = []
    for first, last, number in _pieces(rule.policy, low, high):
        span = _span(rule, first, last, number, on)
        if span is None:
            continue
        before = found[-1] if found else None
        if before and before.high + 1 == span.low and _same(before) == _same(span):
            found[-1] = Span(before.low, span.high, *_same(span))
        else:
            found.append(span)
    return found


def _same(span: Span) -> tuple[Any, ...]:
    return span.cutoff, span.period, span.origin, span.legal_basis, span.status


def kept_until(rule: RetentionRule, place: int, anchor: date, on: date) -> date | None:
    """The first day on which a row anchored on `anchor` is due at a place, by the period in force on `on`; None = never."""
    found = _period(rule, place, on)
    return found[0].until(anchor) if found else None


def _span(rule: RetentionRule, first: int, last: int, number: int, on: date) -> Span | None:
    found = _period(rule, number, on)
    if found is None:
        return None
    period, policy = found
    if policy is None:
        return Span(first, last, period.cutoff(on), str(period), "rule")
    return Span(first, last, period.cutoff(on), str(period), policy.id, policy.legal_basis, policy.status)


def _period(rule: RetentionRule, number: int, on: date) -> tuple[Period, policies.Policy | None] | None:
    if rule.policy:
        try:
            policy = policies.resolve(rule.policy, place=number, on=on)
        except NoPolicy:
            policy = None
        if policy is not None:
            return of_policy(policy.id, policy.value, _fiscal_year(number)), policy
    return (written(rule.keep), None) if rule.keep else None


def _fiscal_year(number: int) -> str:
    """The first day of the fiscal year where the place lies, from the nearest pack."""
    modules = current_app.extensions["dolbom"].registry.modules
    for node in reversed(atlas().path(number)):
        manifest = modules.get(node.pack or "")
        if manifest is not None and manifest.region is not None:
            return str(manifest.region.fiscal_year)
    return "01-01"


def _pieces(key: str, low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """Cut low…high so that one policy rules each piece: (first, last, a number that stands for it), in order."""
    numbers = set(
        db.session.scalars(
            sa.select(PolicyOverride.place_no).where(
                PolicyOverride.key == key, PolicyOverride.place_no.between(low, high)
            )
        )
    )
    single = sorted(numbers - set(atlas().nodes))  # facilities with a period of their own
    for first, last, node in _own_blocks(low, high):
        begin = first
        for number in (n for n in single if first <= n <= last):
            if begin < number:
                yield begin, number - 1, node
            yield number, number, number
            begin = number + 1
        if begin <= last:
            yield begin, last, node


def _own_blocks(low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """The numbers of low…high by the smallest region that holds them, in order."""
    tree = atlas()
    edges = sorted({low, *(n.no for n in _touching(low, high)), *(n.hi + 1 for n in _touching(low, high))})
    for begin, end in zip(edges, [*edges[1:], high + 1], strict=True):
        first, last = max(begin, low), min(end - 1, high)
        node = tree.region_of(first)
        if first <= last and node is not None:
            yield first, last, node.no


def _touching(low: int, high: int) -> list[Node]:
    return [node for node in atlas().nodes.values() if node.no <= high and node.hi >= low]
