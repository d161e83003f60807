"""What an importer hands over: one facility as its register describes it, and what was wrong with the row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from modules.facilities.layouts.codes import CATALOGUE, Severity


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """One facility of a register; no representative's name and no e-mail address, whatever the file held."""

    #: Which register the number is of: "kr-stcode", "kr-basic", "rspo", "pl-rz" or "custom".
    register: str
    register_no: str | None
    name: str
    #: Our code (PRIVATE, NURSERY, …) and the register's own word for it; the same for status.
    kind: str
    kind_raw: str
    status: str
    status_raw: str
    #: Code of the district or commune ("KR-11-110") and what the register wrote.
    region_code: str
    region_raw: str
    address: str
    postcode: str
    phone: str | None
    fax: str | None
    homepage: str | None
    #: Degrees, WGS 84.
    lat: float | None
    lon: float | None
    licensed_on: date | None
    paused_from: date | None
    paused_to: date | None
    closed_on: date | None
    #: Children the facility may take; None where the register has nothing or 0.
    capacity: int | None
    enrolled: int | None
    rooms: int | None
    #: Square meters of the children's rooms.
    room_area_m2: Decimal | None
    playgrounds: int | None
    cctv: int | None
    staff_count: int | None
    bus: bool | None
    services: tuple[str, ...]
    #: (age code, classes, children), ages without either left out.
    age_groups: tuple[tuple[str, int, int], ...]
    #: Who runs the facility, where that is an organisation.
    operator: str | None
    #: The day the register speaks of.
    source_on: date | None
    #: Line of the file (row of the sheet) the facility begins on.
    line: int


@dataclass(frozen=True, slots=True)
class Defect:
    """Something wrong in a row that was kept; `value` is what stood there, e-mail addresses taken out."""

    code: str
    line: int
    register_no: str | None
    field: str
    value: str

    @property
    def severity(self) -> Severity:
        """ "error" when the row was left out for it."""
        return CATALOGUE[self.code].severity

    @property
    def message(self) -> str:
        """One sentence in the reader's language."""
        return str(CATALOGUE[self.code].message) % {"field": self.field, "value": self.value}


@dataclass(frozen=True, slots=True)
class Rejected(Defect):
    """A row that was left out, and why."""
