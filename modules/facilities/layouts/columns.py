"""Finding a register's columns by their headings, however they are spaced."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from core.sdk import _
from modules.facilities.layouts.refusals import HeaderNotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Ages as FacilityRow codes them: years, mixed classes, classes for children with special needs.
AGES: Final = ("0", "1", "2", "3", "4", "5", "infant_mixed", "preschool_mixed", "special")
#: Kinds of staff a register may list beside their total.
STAFF: Final = (
    "director",
    "teacher",
    "special_teacher",
    "therapist",
    "dietitian",
    "nurse",
    "nurse_aide",
    "cook",
    "clerk",
)
#: All that is read of a register; what is not here (a director's name, an e-mail address) never is.
FIELDS: Final = frozenset(
    {
        *("register_no", "name", "kind", "status", "region", "province", "county", "commune", "commune_code"),
        *("locality", "locality_type", "address", "street", "building", "unit", "postcode"),
        *("phone", "fax", "homepage", "lat", "lon"),
        *("licensed_on", "paused_from", "paused_to", "closed_on", "source_on"),
        *(
            "capacity",
            "enrolled",
            "rooms",
            "room_area_m2",
            "playgrounds",
            "cctv",
            "staff_count",
            "bus",
            "services",
        ),
        *("operator", "operator_type", "speciality", "adapted", "nip", "regon"),
        *("children_total", "classes_total", "staff_total"),
        *(f"children_{age}" for age in AGES),
        *(f"classes_{age}" for age in AGES),
        *(f"staff_{kind}" for kind in STAFF),
    }
)


def squeeze(heading: str) -> str:
    """A heading without what people change in it: spaces, case, the way its letters are composed."""
    return "".join(unicodedata.normalize("NFC", heading).replace("\ufeff", "").split()).casefold()


def missing_columns(
    header: Iterable[str], columns: Mapping[str, Sequence[str]], required: Iterable[str]
) -> tuple[str, ...]:
    """The headings a row lacks to be the header, each by its first spelling."""
    there = {squeeze(cell) for cell in header if cell}
    return tuple(
        columns[field][0]
        for field in required
        if not any(squeeze(spelling) in there for spelling in columns[field])
    )


def locate(header: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where each field stands: its column's index, or -1 for a field the file has no column for.

    Raises HeaderNotFound when two columns carry the heading of one field.
    """
    places: dict[str, int] = dict.fromkeys(FIELDS, -1)
    names = [squeeze(cell) for cell in header]
    for field, spellings in columns.items():
        for spelling in map(squeeze, spellings):
            if names.count(spelling) > 1:
                raise HeaderNotFound(
                    _("Two columns are called “%(name)s”; rename one.", name=header[names.index(spelling)])
                )
            if spelling in names:
                places[field] = names.index(spelling)
                break
    return places
