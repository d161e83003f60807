"""Whether a facility's point can be true: no placeholder, inside the country, inside its own district."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modules.facilities.layouts.row import FacilityRow

#: South, north, west, east in degrees, islands included.
COUNTRY_BOXES: Final[Mapping[str, tuple[float, float, float, float]]] = {
    "KR": (33.0, 38.7, 124.5, 132.0),
    "PL": (48.9, 55.0, 14.0, 24.2),
}
#: Points registers write for "unknown": Seoul City Hall, and zero.
PLACEHOLDERS: Final = ((37.566470, 126.977963), (0.0, 0.0))
_SAME: Final = 5e-7
#: Degrees by which a point may lie over the border: published polygons are simplified by about 30 m.
TOLERANCE: Final = 0.0005


def is_placeholder(lat: float, lon: float) -> bool:
    """Whether the point is one that stands for "unknown"."""
    return any(abs(lat - there[0]) < _SAME and abs(lon - there[1]) < _SAME for there in PLACEHOLDERS)


def in_country(lat: float, lon: float, country: str) -> bool:
    """Whether the point lies in the country's box; true for a country we have no box of."""
    box = COUNTRY_BOXES.get(country)
    return box is None or (box[0] <= lat <= box[1] and box[2] <= lon <= box[3])


def outside_their_district(
    rows: Iterable[FacilityRow], polygons: Mapping[str, Mapping[str, Any]], tolerance: float = TOLERANCE
) -> list[FacilityRow]:
    """The rows whose point lies outside the polygon of their region, in their order.

    `polygons` holds GeoJSON geometries (longitude first, WGS 84) by region code; rows of a region without one
    are not judged. A point within `tolerance` degrees of the border passes.
    """
    import shapely  # here: a tenth of a second that only a judged import should pay

    by_region: dict[str, list[tuple[FacilityRow, float, float]]] = defaultdict(list)
    for row in rows:
        if row.lat is not None and row.lon is not None and row.region_code in polygons:
            by_region[row.region_code].append((row, row.lon, row.lat))
    outside = []
    for code, there in by_region.items():
        district = shapely.make_valid(shapely.geometry.shape(dict(polygons[code])))
        shapely.prepare(district)
        inside = shapely.contains_xy(
            district, [lon for _row, lon, _lat in there], [lat for _row, _lon, lat in there]
        )
        for (row, lon, lat), is_in in zip(there, inside, strict=True):
            if not is_in and not shapely.dwithin(district, shapely.Point(lon, lat), tolerance):
                outside.append(row)
    return sorted(outside, key=lambda row: row.line)
