"""What modules offer to the shell around every page: navigation entries and start-page cards; and what they find wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation; `section` groups it, lower `weight` comes first."""

    section: Any
    label: Any
    endpoint: str
    icon: str = "point"
    weight: int = 50


@dataclass(frozen=True)
class Card:
    """A key figure or a pile of waiting work on the start page, with the page that explains it; `values` go into its address."""

    title: Any
    figure: str
    note: Any = ""
    endpoint: str | None = None
    status: str = "ok"
    weight: int = 50
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What a module's own check found for `dolbom check`: `records` are the places, `action` says what to do about them."""

    id: str
    message: str
    action: str
    records: tuple[str, ...] = ()
