"""Turning a register file into facilities: rows kept, rows left out and why, and all that is doubtful."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from modules.facilities.layouts.columns import missing_columns
from modules.facilities.layouts.defects import misplaced, repeated_names
from modules.facilities.layouts.intake import Intake
from modules.facilities.layouts.limits import DEFAULT, Limits
from modules.facilities.layouts.reading import Source, open_register
from modules.facilities.layouts.refusals import RegisterRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import date
    from pathlib import Path

    from modules.facilities.layouts.layout import Layout
    from modules.facilities.layouts.reading import Register
    from modules.facilities.layouts.row import Defect, FacilityRow, Rejected


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything a register file says about the facilities of a region."""

    layout: str
    source: Source
    header: tuple[str, ...]
    rows: tuple[FacilityRow, ...]
    #: In the order of the lines.
    defects: tuple[Defect, ...]
    rejected: tuple[Rejected, ...]
    #: Rows left out because they are no concern of the import: "outside-region", and "not-childcare" with the
    #: register's own word for what they are.
    outside_region: int
    not_childcare: Mapping[str, int]

    @property
    def sha256(self) -> str:
        """Of the file as it was, packed or not."""
        return self.source.sha256

    @property
    def totals(self) -> dict[str, int]:
        """Rows by what became of them; they add up to "read"."""
        left_out = sum(self.not_childcare.values())
        return {
            "read": len(self.rows) + len(self.rejected) + self.outside_region + left_out,
            "kept": len(self.rows),
            "rejected": len(self.rejected),
            "outside-region": self.outside_region,
            "not-childcare": left_out,
        }

    @property
    def warnings(self) -> dict[str, int]:
        """How often each defect was found in the rows kept, commonest first."""
        return dict(Counter(defect.code for defect in self.defects).most_common())

    @property
    def errors(self) -> dict[str, int]:
        """Why rows were rejected, commonest first."""
        return dict(Counter(rejected.code for rejected in self.rejected).most_common())


def parse_layout(
    path: Path,
    layout: Layout,
    *,
    region_of: Callable[[str], str | None],
    region: str | None = None,
    polygons: Mapping[str, Mapping[str, Any]] | None = None,
    on: date | None = None,
    limits: Limits = DEFAULT,
) -> Parsed:
    """Reads the register at `path` by `layout`. Raises a RegisterRefused; never half a result.

    `region_of` gives the code of an open region for a name or code, None for one it does not know. `region`
    is the region imported for: rows of others are counted and left out. `polygons` are GeoJSON geometries by
    region code; without them no point is held against its district. `on` is the day of files stating none.
    """
    with _open(path, layout, limits) as register:
        work = Intake(layout, register, region_of, region, on)
        for row in register.rows:
            work.take(row)
    defects = [
        *work.defects,
        *repeated_names(work.rows),
        *(misplaced(work.rows, polygons) if polygons else ()),
    ]
    return Parsed(
        layout.name,
        register.source,
        register.header,
        tuple(work.rows),
        tuple(sorted(defects, key=lambda defect: defect.line)),
        tuple(work.rejected),
        work.outside_region,
        dict(work.not_childcare.most_common()),
    )


def fits(path: Path, layout: Layout, limits: Limits = DEFAULT) -> bool:
    """Whether the file at `path` has the columns of the layout."""
    try:
        with _open(path, layout, limits):
            return True
    except RegisterRefused:
        return False


def _open(path: Path, layout: Layout, limits: Limits) -> AbstractContextManager[Register]:
    missing = partial(missing_columns, columns=layout.columns, required=layout.required)
    return open_register(path, missing, layout.encodings, limits)
