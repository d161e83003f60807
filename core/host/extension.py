"""How a module adds to another's nouns without touching its tables: 1:1 extension tables, slots in pages, panels in forms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.orm import backref, declared_attr, mapped_column, relationship

from core.errors import DolbomError
from core.regions import activation
from core.security.rows import FacilityRoot, Scoped


class Extends(Scoped):
    """A table of mine that extends a row of another's: `class KiumProfile(Extends, db.Model, target=Facility, as_="kium")`.

    Its key is the target's key and its place number comes along by a composite foreign key, so the row wall needs no join
    and deleting the target leaves no orphan. `proxy` names attributes to offer on the target itself.
    """

    __scope_column__ = "facility_id"
    __target__: ClassVar[Any]
    __as__: ClassVar[str]

    def __init_subclass__(
        cls, target: Any = None, as_: str = "", proxy: tuple[str, ...] = (), **kw: Any
    ) -> None:
        if target is not None:
            cls.__target__, cls.__as__ = target, as_
            if issubclass(target, FacilityRoot):
                cls.__scope_column__ = "id"
            for name in proxy:
                setattr(target, name, association_proxy(as_, name))
        super().__init_subclass__(**kw)

    @declared_attr
    def id(cls) -> Any:
        """The target's key."""
        return mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)

    @declared_attr
    def facility_id(cls) -> Any:
        """The target's place number; for a target that is the facility itself, the key is that number already."""
        return None if issubclass(cls.__target__, FacilityRoot) else mapped_column(sa.BigInteger, index=True)

    @declared_attr
    def target(cls) -> Any:
        """The extended row."""
        ref = backref(
            cls.__as__, uselist=False, cascade="all, delete-orphan", passive_deletes=True, single_parent=True
        )
        return relationship(cls.__target__, backref=ref)

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        table = cls.__target__.__table__
        own, theirs = ["id"], [table.c.id]
        if not issubclass(cls.__target__, FacilityRoot):
            own, theirs = ["id", "facility_id"], [table.c.id, table.c.facility_id]
        return (sa.ForeignKeyConstraint(own, theirs, ondelete="CASCADE"),)


@dataclass(frozen=True)
class Slot:
    """A named place in a page where modules may put content; `facts` are the names a filler receives."""

    name: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """A field another module adds to a form: how to make it, read it and write it, in the form's own transaction."""

    module: str
    key: str
    field: Callable[[], Any]
    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]


class UnknownSlot(DolbomError):
    """A module fills a slot that no page offers."""

    code: ClassVar[str] = "extension.unknown-slot"
    http: ClassVar[int] = 500


SLOTS: dict[str, Slot] = {}
PANELS: dict[type[Any], list[Panel]] = defaultdict(list)
_fillers: dict[str, list[tuple[str, Callable[..., Any]]]] = defaultdict(list)


def offer(slot: Slot) -> Slot:
    """Declare a slot; done where the page is defined."""
    SLOTS[slot.name] = slot
    return slot


def fill(module: str, slot: str, filler: Callable[..., Any]) -> None:
    """Put content of `module` into a slot; it shows only where the module is on."""
    if slot not in SLOTS:
        raise UnknownSlot(
            f"{module} fills the slot {slot!r}, which no page offers; known are {', '.join(sorted(SLOTS))}."
        )
    _fillers[slot].append((module, filler))


def fillings(slot: str, at: int | None = None, **facts: Any) -> list[Any]:
    """What the modules that are on at the place put into a slot, in module order."""
    return [filler(**facts) for _, filler in _showing(slot, at)]


def _showing(slot: str, at: int | None) -> list[tuple[str, Callable[..., Any]]]:
    return [(module, filler) for module, filler in _fillers[slot] if activation.is_active(module, at)]


def fillers() -> dict[str, list[str]]:
    """Which modules fill which slots, wherever they are on."""
    return {slot: [module for module, _ in filled] for slot, filled in _fillers.items()}


def shown(at: int | None = None) -> dict[str, list[str]]:
    """Which modules show something in which slots at a place (default: where the scope works)."""
    return {slot: [module for module, _ in _showing(slot, at)] for slot in _fillers}


def panels(model: type[Any], at: int | None = None) -> list[Panel]:
    """The panels of modules that are on at the place."""
    return [panel for panel in PANELS[model] if activation.is_active(panel.module, at)]
