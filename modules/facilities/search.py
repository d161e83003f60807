"""The public search: by words in any script, district, kind, service, free places and distance; one query a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from core.sdk import activation, atlas, db, i18n, keyset, scope
from modules.facilities.models import Facility, Service
from modules.facilities.models.facility import OPEN_STATUSES

PAGE = 40
#: No map shows more; a city has fewer open centres.
MAX_POINTS = 12_000
_KM = 111.32


@dataclass(frozen=True)
class Search:
    """What a visitor asks for; empty means everything that is open."""

    q: str = ""
    region: str = ""
    kinds: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    free: bool = False
    closed: bool = False
    near: tuple[float, float] | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The search as conditions on Facility."""
        found = where_on()
        if not self.closed:
            found.append(Facility.status.in_((*OPEN_STATUSES, "paused")))
        if self.region and self.region in atlas().by_code:
            node = atlas().by_code[self.region]
            found.append(Facility.id.between(node.no, node.hi))
        if self.kinds:
            found.append(Facility.kind.in_(self.kinds))
        for word in i18n.search_patterns(self.q):
            found.append(Facility.search_text.like(word))
        for service in self.services:
            found.append(
                sa.exists().where(
                    Service.facility_id == Facility.id,
                    Service.service == service,
                    Service.standing != "paused",
                )
            )
        if self.free:
            found.append(Facility.capacity > Facility.enrolled)
        return found


def where_on() -> list[sa.ColumnElement[bool]]:
    """Only where the register is switched on: the deepest line of activation that speaks of a place decides (one query)."""
    tree, said = atlas(), dict[int, bool]()
    condition: sa.ColumnElement[bool] = sa.false()
    for place, _depth, on in activation.active_places("facilities", scope.current().on_date):
        above = next((said[no] for no in tree.chain(place)[1:] if no in said), False)
        said[place] = on
        if on == above:  # a line that repeats what holds above it costs the database nothing
            continue
        node = tree.nodes.get(place)
        inside = Facility.id.between(node.no, node.hi) if node else Facility.id == place
        condition = sa.or_(condition, inside) if on else sa.and_(condition, sa.not_(inside))
    return [condition]


def distance(near: tuple[float, float]) -> sa.ColumnElement[float]:
    """Kilometers to a point, flat-earth: within a city the error is far below the rounding we show."""
    lat, lon = near
    across = (Facility.lon - lon) * sa.func.cos(sa.func.radians(lat)) * _KM
    return sa.func.sqrt(sa.func.power((Facility.lat - lat) * _KM, 2) + sa.func.power(across, 2))


def page(
    search: Search, mark: str | None = None, size: int = PAGE, what: tuple[Any, ...] = (Facility,), load: tuple[Any, ...] = ()
) -> keyset.Page:
    """One page of centres by name, or the nearest ones when a point is given (those are not paged).

    `what` may name columns instead of whole records, `id` and `name_sort` among them; `load` says what else to read of
    records at once.
    """
    if search.near:
        query = (
            sa.select(*what)
            .where(*search.conditions(), Facility.lat.is_not(None))
            .order_by(distance(search.near), Facility.id)
            .options(*load)
        )
        return keyset.Page(keyset.read(query.limit(size)), None, None)
    query = sa.select(*what).where(*search.conditions()).options(*load)
    searched = bool(search.q)
    return keyset.page(query, Facility.name_sort, Facility.id, descending=False, size=size, mark=mark, searched=searched)


def points(search: Search) -> list[Any]:
    """Centres with coordinates for the map: id, code, name, kind, status, point, places."""
    query = (
        sa.select(
            Facility.code, Facility.name, Facility.kind, Facility.status, Facility.lat, Facility.lon, Facility.capacity,
            Facility.enrolled, Facility.region_no,
        )
        .where(*search.conditions(), Facility.lat.is_not(None))
        .order_by(Facility.name_sort, Facility.id)
        .limit(MAX_POINTS)
    )  # fmt: skip
    return list(db.session.execute(query))


def per_region(search: Search) -> dict[int, int]:
    """How many centres of the search lie in each district."""
    query = (
        sa.select(Facility.region_no, sa.func.count())
        .where(*search.conditions())
        .group_by(Facility.region_no)
    )
    return dict(db.session.execute(query).all())


def by_codes(codes: list[str]) -> list[Facility]:
    """Centres by their codes, in the order asked; unknown ones are left out."""
    parts = (
        Facility.services,
        Facility.disclosure,
        Facility.age_groups,
        Facility.hours,
        Facility.closing_days,
    )
    query = (
        sa.select(Facility).where(Facility.code.in_(codes)).options(*(selectinload(part) for part in parts))
    )
    found = {f.code: f for f in db.session.scalars(query)}
    return [found[code] for code in codes if code in found]
