"""Any other table, by a mapping somebody wrote: which column is which, and what the table's words mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from modules.facilities.layouts.layout import Layout, Place
from modules.facilities.layouts.mapping import WORDS, check_mapping
from modules.facilities.layouts.teryt import region_code

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = "generic-csv"


def generic_layout(mapping: Mapping[str, Any]) -> Layout:
    """The layout a mapping describes. Raises MappingInvalid.

    ```toml
    country = "KR"                  # KR or PL: telephone numbers, postcodes, coordinates
    encoding = "utf-8"              # if not said: utf-8, else cp949
    [columns]                       # our field = heading, or a list of headings
    register_no = "No."
    name = "Name"
    region = "District"             # code or name of the district, or a commune's TERYT code
    [kinds]                         # the table's word = our code (our codes stand for themselves)
    "Kium" = "KIUM_GENERAL"
    [statuses]
    "running" = "open"
    [services]
    "weekend" = "holiday"
    [constants]                     # for what the table has no column for
    kind = "KIUM_GENERAL"
    status = "open"
    region = "KR-11-110"
    ```
    """
    check_mapping(mapping)
    columns = {
        field: tuple(headings) if isinstance(headings, list) else (headings,)
        for field, headings in mapping.get("columns", {}).items()
    }
    words = {
        table: {**{code: code for code in codes}, **mapping.get(table, {})} for table, codes in WORDS.items()
    }
    return Layout(
        name=NAME,
        register="custom",
        country=mapping.get("country", ""),
        columns=columns,
        required=tuple(columns),
        kinds=words["kinds"],
        statuses=words["statuses"],
        services=words["services"],
        encodings=(mapping["encoding"],) if "encoding" in mapping else ("utf-8", "cp949"),
        place_fields=("region", "province"),
        place=_place,
        constants=mapping.get("constants", {}),
        status_from_dates="status" not in columns,
    )


def _place(region: str, province: str) -> Place:
    names = (region, f"{province} {region}" if province else "", region_code(region))
    return Place(f"{province} {region}".strip(), tuple(filter(None, names)), "")
