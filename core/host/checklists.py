"""What is left to do in a region: the steps of its pack's checklist.toml with what the modules answer (E-08, F-41)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from core.host import readiness
from core.host.discovery import Registry
from core.host.hooks import ask
from core.host.pack_files import pack_of
from core.regions.atlas import Node

#: The occasions a checklist is for: opening a region, and each new school year.
OCCASIONS = ("new_region", "new_school_year")


@dataclass(frozen=True)
class Step:
    """One step of a checklist with its answer: True done, False to do, None for a person to tick."""

    id: str
    when: str
    title: str
    check: str
    link: str
    done: bool | None


def checklist(registry: Registry, region: Node, when: str = "new_region") -> list[Step]:
    """The pack's steps for this region with what the modules answer; unknown checks are for a person."""
    pack = pack_of(registry, region.pack) if region.pack else None
    path = pack.path / "checklist.toml" if pack else None
    if path is None or not path.exists():
        return []
    answers = readiness.answers(registry, region, pack.region if pack else None)
    for given in ask("checks", at=region.no, region_no=region.no):
        answers |= given
    steps = tomllib.loads(path.read_text(encoding="utf-8")).get("step", ())
    return [
        Step(s["id"], s["when"], s["title"], s["check"], s.get("link", ""), answers.get(s["check"]))
        for s in steps
        if s["when"] == when
    ]
