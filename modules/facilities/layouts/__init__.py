"""Reading the registers of facilities: one layout a register, one row type and one list of defects for all.

Pure: no database, no network; a file, the caller's regions and polygons go in, a `Parsed` comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from core.sdk import _
from modules.facilities.layouts import generic_csv, kr_basic, pl_rspo, pl_zlobki, seoul_standard
from modules.facilities.layouts.layout import Layout
from modules.facilities.layouts.limits import DEFAULT, Limits
from modules.facilities.layouts.mapping import read_mapping
from modules.facilities.layouts.parsing import Parsed, fits, parse_layout
from modules.facilities.layouts.refusals import HeaderNotFound, LayoutUnknown, MappingInvalid, RegisterRefused
from modules.facilities.layouts.regions import resolver
from modules.facilities.layouts.row import Defect, FacilityRow, Rejected

#: The layouts of public registers by the name used on the command line; "generic-csv" is made from a mapping.
LAYOUTS: Final[Mapping[str, Layout]] = {
    layout.name: layout
    for layout in (seoul_standard.LAYOUT, kr_basic.LAYOUT, pl_rspo.LAYOUT, pl_zlobki.LAYOUT)
}
LAYOUT_NAMES: Final = (*LAYOUTS, generic_csv.NAME)


def parse(
    path: Path,
    layout: str,
    *,
    region_of: Callable[[str], str | None],
    region: str | None = None,
    polygons: Mapping[str, Mapping[str, Any]] | None = None,
    on: date | None = None,
    mapping: Mapping[str, Any] | Path | None = None,
    limits: Limits = DEFAULT,
) -> Parsed:
    """Reads a register file (.csv, .csv.gz, .xls, .xlsx; told by content). Raises a RegisterRefused.

    See `parse_layout` for the arguments; `mapping` (TOML file or its content) is for "generic-csv" alone.
    """
    chosen = find_layout(layout, mapping)
    try:
        return parse_layout(
            path, chosen, region_of=region_of, region=region, polygons=polygons, on=on, limits=limits
        )
    except HeaderNotFound as error:
        fitting = [
            other.name for other in LAYOUTS.values() if other is not chosen and fits(path, other, limits)
        ]
        if not fitting:
            raise
        raise HeaderNotFound(
            _(
                "%(why)s The file has the columns of the layout %(names)s.",
                why=str(error),
                names=", ".join(fitting),
            )
        ) from error


def find_layout(name: str, mapping: Mapping[str, Any] | Path | None = None) -> Layout:
    """The layout of a name. Raises LayoutUnknown, MappingInvalid."""
    if name == generic_csv.NAME:
        if mapping is None:
            raise MappingInvalid(_("The layout generic-csv needs a mapping: add --mapping FILE."))
        return generic_csv.generic_layout(read_mapping(mapping) if isinstance(mapping, Path) else mapping)
    if name not in LAYOUTS:
        raise LayoutUnknown(
            _(
                "There is no layout “%(name)s”; choose one of %(names)s.",
                name=name,
                names=", ".join(LAYOUT_NAMES),
            )
        )
    if mapping is not None:
        raise MappingInvalid(_("Only the layout generic-csv takes a mapping."))
    return LAYOUTS[name]


__all__ = [
    "LAYOUTS",
    "LAYOUT_NAMES",
    "Defect",
    "FacilityRow",
    "Layout",
    "Limits",
    "Parsed",
    "RegisterRefused",
    "Rejected",
    "find_layout",
    "parse",
    "resolver",
]
