"""The region tree in memory: which region holds a number, and the chain of places above it.

Each process keeps one copy and renews it when the version row says so; toggles are effective on the next request.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.regions.tree import Region, UnknownRegion
from core.security.rows import Unscoped


class ActivationVersion(Unscoped("one counter for the whole installation, bumped by triggers"), db.Model):  # type: ignore[misc]
    """A number that changes whenever regions, activation or policy overrides change."""

    __tablename__ = "activation_version"

    one: Mapped[int] = mapped_column(primary_key=True)
    v: Mapped[int] = mapped_column(sa.BigInteger)


@dataclass(frozen=True)
class Node:
    """What the hot paths need to know of a region."""

    no: int
    hi: int
    code: str
    level: str
    parent_no: int | None
    names: dict[str, str]
    pack: str | None
    timezone: str
    currency: str
    languages: tuple[str, ...]

    def name(self, language: str) -> str:
        """The region's name in `language`, else in English, else its code."""
        return self.names.get(language) or self.names.get("en") or self.code


@dataclass
class Atlas:
    """All regions of the installation (hundreds), ordered by number."""

    version: int
    nodes: dict[int, Node] = field(default_factory=dict)
    by_code: dict[str, Node] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)

    @classmethod
    def load(cls, version: int) -> Atlas:
        """Read the tree once."""
        atlas = cls(version)
        for region in db.session.execute(sa.select(Region.__table__).order_by(Region.no)):
            node = Node(
                region.no, region.hi, region.code, region.level, region.parent_no, region.names, region.pack,
                region.timezone, region.currency, tuple(region.languages),
            )  # fmt: skip
            atlas.nodes[node.no] = atlas.by_code[node.code] = node
            atlas._starts.append(node.no)
        return atlas

    def region_of(self, number: int) -> Node | None:
        """The smallest region whose block holds this place number."""
        index = bisect_right(self._starts, number) - 1
        node = self.nodes[self._starts[index]] if index >= 0 else None
        while node is not None and number > node.hi:
            node = self.nodes.get(node.parent_no) if node.parent_no else None
        return node

    def path(self, number: int) -> list[Node]:
        """The regions from the country down to the one that holds this number."""
        path: list[Node] = []
        node = self.region_of(number)
        while node is not None:
            path.append(node)
            node = self.nodes.get(node.parent_no) if node.parent_no else None
        return path[::-1]

    def chain(self, number: int) -> list[int]:
        """Place numbers from the nearest to the farthest: the facility itself (if it is one), district, …, country."""
        regions = [node.no for node in reversed(self.path(number))]
        return regions if number in self.nodes else [number, *regions]

    def children(self, no: int | None) -> list[Node]:
        """The regions directly inside another; None gives the countries."""
        return [node for node in self.nodes.values() if node.parent_no == no]

    def find(self, code: str) -> Node:
        """The region with this code, or a refusal."""
        if code not in self.by_code:
            raise UnknownRegion(
                f"There is no region {code}: see `dolbom region list`, or create it from its pack."
            )
        return self.by_code[code]


_lock = Lock()
_shared: Atlas | None = None


def atlas() -> Atlas:
    """The current tree. Costs one tiny query for each session, none after that."""
    global _shared
    session = db.session()
    version = session.info.get("atlas_version")
    if version is None:
        version = db.session.scalar(sa.select(ActivationVersion.v))
        session.info["atlas_version"] = version
    found = _shared
    if found is None or found.version != version:
        with _lock:
            found = Atlas.load(version or 0)
            _shared = found
    return found


def renew() -> None:
    """Look at the version again: call it after changing regions or activation in this session."""
    db.session().info.pop("atlas_version", None)
