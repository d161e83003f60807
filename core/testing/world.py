"""The small world of the tests: two cities, three districts, six facilities, and scopes in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.security import scope as scopes

#: The account of acting people who need none: no account a test issues has this number.
NOBODY = 9_000_001


@dataclass(frozen=True)
class World:
    """Two cities in one country, with two and one districts, two facilities in each: place numbers by role in a test."""

    country: int
    city: int
    district: int
    other_district: int
    other_city: int
    far_district: int
    facilities: tuple[int, int]
    neighbors: tuple[int, int]
    far: tuple[int, int]


def build_world() -> World:
    """Create the regions and place numbers of `World`, with every module on in the first city and country-wide off."""
    from core.db.base import db
    from core.host.running import running
    from core.regions import activation, tree

    facts = {"timezone": "Asia/Seoul", "currency": "KRW", "languages": ["en", "ko"]}

    def region(code: str, level: str, parent: Any, en: str, ko: str) -> Any:
        return tree.create(code, level=level, names={"en": en, "ko": ko, "pl": en}, parent=parent, **facts)

    country = region("XA", "country", None, "Testland", "시험국")
    city = region("XA-1", "province", country, "First City", "첫째시")
    district = region("XA-1-1", "district", city, "North", "북구")
    other = region("XA-1-2", "district", city, "South", "남구")
    other_city = region("XA-2", "province", country, "Second City", "둘째시")
    far = region("XA-2-1", "district", other_city, "Faraway", "먼구")
    for place in (district, other, far):
        tree.allot(place.no, 2)
    for manifest in running().registry:
        if manifest.kind != "region":
            activation.switch(
                manifest.name, city.no, on=True, first_day=date(2020, 1, 1), reason="test world"
            )
    db.session.commit()
    return read_world()


def read_world() -> World:
    """Read the world's numbers back from the database."""
    from core.db.base import db
    from core.regions.tree import Place, Region

    no = dict(db.session.execute(sa.select(Region.code, Region.no)).all())
    places: dict[int, list[int]] = {}
    for row in db.session.execute(sa.select(Place.no, Place.region_no).order_by(Place.no)):
        places.setdefault(row.region_no, []).append(row.no)
    pair = [tuple(places[no[code]][:2]) for code in ("XA-1-1", "XA-1-2", "XA-2-1")]
    return World(no["XA"], no["XA-1"], no["XA-1-1"], no["XA-1-2"], no["XA-2"], no["XA-2-1"], *pair)  # type: ignore[arg-type]  # pairs by construction


def scope_of(role: str, place: int, *more: int, account_id: int = NOBODY, **facts: Any) -> scopes.Scope:
    """The scope of a post: a region's block, a list of facilities, or everywhere for place 0."""
    from core.regions.atlas import atlas

    with scopes.system("look the place up"):
        node = atlas().nodes.get(place)
    where: dict[str, Any] = {"place": place, "facilities": (place, *more)}
    if place == 0:
        where = {"place": None, "ranges": ((0, 2**53),)}
    elif node is not None:
        where = {"place": place, "ranges": ((node.no, node.hi),)}
    return scopes.Scope("user", f"account:{account_id}", role=role, account_id=account_id, **where, **facts)
