"""The rules that hold in a region, each with its origin, and what two regions do differently (F-45)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from core.host.discovery import Registry
from core.regions import activation, policies
from core.regions.atlas import Atlas, Node, atlas
from core.security import scope as scopes


def settings(region: Node, on: date) -> list[dict[str, Any]]:
    """Every rule and activation that holds in a region on a day, with its origin (F-45)."""
    tree_now = atlas()
    return [
        {**asdict(policy), "origin": _origin(tree_now, policy.origin)}
        for values in policies.catalogue(region.no).values()
        for policy in values
        if policy.valid_from <= on and (policy.valid_to is None or on <= policy.valid_to)
    ]


def _origin(tree_now: Atlas, origin: str) -> str:
    return tree_now.nodes[int(origin)].code if origin.isdigit() and int(origin) in tree_now.nodes else origin


def difference(registry: Registry, one: Node, other: Node, on: date | None = None) -> list[dict[str, Any]]:
    """What two regions do differently on a day: modules and rules, side by side."""
    day = on or scopes.current().on_date
    found = []
    for manifest in registry:
        if manifest.kind != "region":
            states = [activation.is_active(manifest.name, node.no, day) for node in (one, other)]
            if states[0] != states[1]:
                found.append(
                    {"what": "module", "key": manifest.name, one.code: states[0], other.code: states[1]}
                )
    sides: list[dict[tuple[str, str], Any]] = [
        {(p["key"], "+".join(p["kinds"])): p["value"] for p in reversed(settings(node, day))}
        for node in (one, other)
    ]
    for key in sorted(set(sides[0]) | set(sides[1])):
        values = [side.get(key) for side in sides]
        if values[0] != values[1]:
            found.append(
                {"what": "policy", "key": key[0], "kinds": key[1], one.code: values[0], other.code: values[1]}
            )
    return found
