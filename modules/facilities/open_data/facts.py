"""What is given away about a centre: the facts of its public page, without anybody's name (S2-37, S2-51).

Left out: the operator, who may be a person, and the telephone of a day carer, which is a private one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from core.sdk import atlas, documents

Column = documents.Column

#: Field → the kind of its cells in a table.
FIELDS: Final[dict[str, documents.Kind]] = {
    "code": "text", "name": "text", "kind": "text", "status": "text", "region": "text", "address": "text",
    "postcode": "text", "phone": "text", "homepage": "text", "lat": "decimal", "lon": "decimal", "licensed_on": "date",
    "closed_on": "date", "capacity": "integer", "enrolled": "integer", "places_free": "integer", "rooms": "integer",
    "room_area_m2": "decimal", "playgrounds": "integer", "cctv": "integer", "staff_count": "integer", "bus": "boolean",
    "services": "text", "register": "text", "register_no": "text", "source": "text", "source_on": "date",
}  # fmt: skip
#: Kinds in which one person at home is the centre.
PRIVATE_KINDS: Final = frozenset({"DAY_CARER"})
_AS_THEY_ARE = tuple(name for name in FIELDS if name not in ("region", "phone", "places_free", "services"))


def facts(row: Any, services: Iterable[str]) -> dict[str, Any]:
    """The published facts of one centre (a Facility or a row with its columns), in the order of `FIELDS`."""
    region = atlas().nodes.get(row.region_no)
    known = row.capacity is not None and row.enrolled is not None
    found = {name: getattr(row, name) for name in _AS_THEY_ARE}
    found |= {
        "region": region.code if region else "",
        "phone": "" if row.kind in PRIVATE_KINDS else row.phone,
        "places_free": max(0, row.capacity - row.enrolled) if known else None,
        "services": sorted(services),
    }
    return {name: found[name] for name in FIELDS}
