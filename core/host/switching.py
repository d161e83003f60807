"""What switching a module at a place takes along: said before the act, by the page and the command alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.host.discovery import Registry
from core.regions import activation
from core.regions.atlas import Node


@dataclass(frozen=True)
class Effect:
    """Switching `module` to `on` at a region: `missing` are needed and not on there, `losing` need it and stop with it."""

    module: str
    region: str
    on: bool
    missing: tuple[str, ...] = ()
    losing: tuple[str, ...] = ()


def effect(registry: Registry, module: str, node: Node, *, on: bool, day: date | None = None) -> Effect:
    """What switching does on a day (default: today); nothing is done."""
    if on:
        needs = registry.modules[module].depends
        missing = [need for need in needs if not activation.is_active(need, node.no, day)]
        return Effect(module, node.code, on, missing=tuple(missing))
    losing = [name for name in registry.dependants(module) if activation.answer(name, node.no, day).on]
    return Effect(module, node.code, on, losing=tuple(losing))
