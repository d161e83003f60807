"""What is switched on where and when: one question, `is_active(module)`, asked at every door.

The nearest place decides: a centre's own line before its district's, that before the city's. Settings are inherited the
same way and show where they come from (S0-04, E-04).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import DolbomError, Refusal
from core.regions.atlas import Node, atlas, renew
from core.security import scope as scopes
from core.security.access import require
from core.security.rows import PlaceScoped
from core.text import _


class BadPeriod(DolbomError):
    """A period ends before it begins, or overlaps another one of the same module and place."""

    code: ClassVar[str] = "activation.bad-period"
    http: ClassVar[int] = 409


class ModuleOff(Refusal):
    """A module was asked to work where it is not on."""

    code: ClassVar[str] = "module.off"


class Activation(PlaceScoped, db.Model):
    """A module on (or off) at a place from a first to a last day, with the settings of that place."""

    __tablename__ = "activation"
    __read__ = "all"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    module: Mapped[str]
    state: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    reason: Mapped[str] = mapped_column(server_default="")


@dataclass(frozen=True)
class Answer:
    """Whether a module is on at a place, and which line says so."""

    on: bool
    place_no: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    inherited: bool = False


#: module → the modules it needs; filled by the host when it has ordered the manifests.
NEEDS: dict[str, tuple[str, ...]] = {}

#: Modules seen as off everywhere, by whoever looks for what they leave behind.
_hidden: ContextVar[frozenset[str]] = ContextVar("hidden_modules", default=frozenset())
_CACHE_SIZE = 512
_cache: OrderedDict[tuple[int, int], list[Any]] = OrderedDict()
#: A version, and each module's lines in it.
_all: tuple[int | None, dict[str, list[Any]]] = (None, {})


def _lines(number: int) -> list[Any]:
    """The activation rows of the chain above `number`, nearest first; cached by version and place."""
    tree = atlas()
    kept = (tree.version, number)
    found = _cache.get(kept)
    if found is None:
        chain = tree.chain(number)
        rows = db.session.execute(sa.select(Activation.__table__).where(Activation.place_no.in_(chain))).all()
        found = sorted(rows, key=lambda row: (chain.index(row.place_no), -row.first_day.toordinal()))
        _cache[kept] = found
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return found


def answer(module: str, at: int, on: date | None = None) -> Answer:
    """Say whether `module` itself is on at place `at` on a day, and by which line (dependencies not considered)."""
    day = on or scopes.current().on_date
    for row in () if module in _hidden.get() else _lines(at):
        if row.module == module and row.first_day <= day and (row.last_day is None or day <= row.last_day):
            return Answer(row.state == "on", row.place_no, row.first_day, row.last_day, row.place_no != at)
    return Answer(False)


def is_active(module: str, at: int | None = None, on: date | None = None) -> bool:
    """Tell whether `module` and all it needs are on at place `at` (default: where the scope works) on a day."""
    if module == "core":
        return True
    me = scopes.current()
    place = me.place if at is None else at
    if place is None:  # visitors and system work at no particular place: on anywhere counts
        return is_active_somewhere(module, on)
    here = answer(module, place, on).on
    if (
        not here and at is None and me.ranges
    ):  # an officer works in every place of the region: on in one of them counts
        here = _on_below(module, me.ranges, on or me.on_date)
    return here and all(is_active(needed, at, on) for needed in NEEDS.get(module, ()))


def _on_below(module: str, ranges: tuple[tuple[int, int], ...], day: date) -> bool:
    return any(
        row.state == "on" and any(low <= row.place_no <= high for low, high in ranges)
        for row in _in_force(module, day)
    )


def _in_force(module: str, day: date) -> Iterator[Any]:
    """All lines of a module that hold on a day."""
    if module in _hidden.get():
        return iter(())
    return (
        row
        for row in _lines_of(module)
        if row.first_day <= day and (row.last_day is None or day <= row.last_day)
    )


def _lines_of(module: str) -> list[Any]:
    """Every line of a module, in every place; all modules are read at once and cached by version."""
    global _all
    version, found = _all
    if version != atlas().version:
        version, found = atlas().version, {}
        query = sa.select(
            Activation.module,
            Activation.place_no,
            Activation.state,
            Activation.first_day,
            Activation.last_day,
        )
        for row in db.session.execute(query):
            found.setdefault(row.module, []).append(row)
        _all = version, found
    return found.get(module, [])


def is_active_somewhere(module: str, on: date | None = None) -> bool:
    """Tell whether any place has `module` on: decides for pages that belong to no place."""
    if module == "core":
        return True
    day = on or scopes.current().on_date
    here = any(row.state == "on" for row in _in_force(module, day))
    return here and all(is_active_somewhere(needed, day) for needed in NEEDS.get(module, ()))


@contextmanager
def hidden(module: str) -> Iterator[None]:
    """Look at the product as if `module` were off everywhere; nothing is written (architecture check 4)."""
    token = _hidden.set(_hidden.get() | {module})
    try:
        yield
    finally:
        _hidden.reset(token)


def is_active_within(module: str, at: int) -> bool:
    """Tell whether `module` is on at a place today; for a region, as for its officers, on in any place of it counts."""
    if is_active(module, at):
        return True
    region = atlas().nodes.get(at)
    lines = active_places(module, scopes.current().on_date) if region else []
    below = [place for place, _, on in lines if on and region and region.no <= place <= region.hi]
    return any(is_active(module, place) for place in below)


def require_within(module: str, region: Node) -> None:
    """Refuse work on the data of a module that is on nowhere in a region (`ModuleOff`)."""
    if not is_active_within(module, region.no):
        raise ModuleOff(
            _("The module %(module)s is off in %(region)s: switch it on first; its data is kept.",
              module=module, region=region.code)
        )  # fmt: skip


def active_places(module: str, on: date) -> list[tuple[int, int, bool]]:
    """The lines of `module` in force on a day as (place, depth, on), for set-based work over many centres."""
    tree = atlas()
    found = (
        (row.place_no, len(tree.chain(row.place_no)), row.state == "on") for row in _in_force(module, on)
    )
    return sorted(found, key=lambda line: line[1])


def switch(
    module: str, at: int, *, on: bool, first_day: date, reason: str, settings: dict[str, Any] | None = None
) -> None:
    """Switch `module` on or off at a place from a day; the line in force before ends the day before.

    Data stays. Raises `BadPeriod` when a later line of the same place exists: end or change that one first.
    """
    require("core.activation.update", at=at)
    same = sa.select(Activation).where(Activation.module == module, Activation.place_no == at)
    later = db.session.scalar(same.where(Activation.first_day > first_day).limit(1))
    if later is not None:
        raise BadPeriod(
            f"{module} has a change planned for {later.first_day} at this place: remove that first."
        )
    for row in db.session.scalars(
        same.where(sa.or_(Activation.last_day.is_(None), Activation.last_day >= first_day))
    ):
        settings = settings if settings is not None else dict(row.settings)
        if row.first_day >= first_day:
            db.session.delete(row)
        else:
            row.last_day = first_day - timedelta(days=1)
    db.session.flush()
    db.session.add(
        Activation(
            module=module,
            place_no=at,
            state="on" if on else "off",
            first_day=first_day,
            settings=settings or {},
            reason=reason,
        )
    )
    db.session.flush()
    renew()


def setting(module: str, key: str, at: int, default: Any = None) -> tuple[Any, int | None]:
    """One setting of a module at a place and the number of the place it comes from (None = the default)."""
    for row in _lines(at):
        if row.module == module and key in row.settings:
            return row.settings[key], row.place_no
    return default, None
