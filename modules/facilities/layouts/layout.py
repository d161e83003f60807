"""What a layout is: where a register's columns stand, what its words mean, what only this register does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from modules.facilities.layouts.record import Record


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row says its facility is, as far as the layout can tell."""

    #: What the register wrote.
    raw: str
    #: Names and codes to ask the caller's regions for, the surest first.
    candidates: tuple[str, ...]
    #: The code of the smallest unit the layout knows for certain ("KR-11", "PL-16-160502"); empty: none.
    within: str


def _plain_place(region: str) -> Place:
    return Place(region, (region,), "")


def _plain_address(record: Record) -> str:
    return record.text("address")


def _plain_operator(record: Record) -> str | None:
    return record.text("operator") or None


def _plain_number(record: Record) -> str:
    return record["register_no"]


def _nothing(_record: Record) -> None:
    return None


def _no_services(_record: Record) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How the files of one register are read. Everything has a plain default; a layout gives what differs."""

    name: str
    #: The register its numbers belong to.
    register: str
    #: "KR" or "PL": telephone numbers, postcodes, the box coordinates must lie in.
    country: str
    #: Field → the headings it goes by; and the fields without which a row is no header.
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    #: Literal → code.
    kinds: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    encodings: tuple[str, ...] = ("utf-8", "cp949")
    #: Regular expression of a register number; "" takes any of 64 characters.
    number_form: str = ""
    #: The fields a place is told by, and the function of their values.
    place_fields: tuple[str, ...] = ("region",)
    place: Callable[..., Place] = _plain_place
    register_no: Callable[[Record], str] = _plain_number
    address: Callable[[Record], str] = _plain_address
    operator: Callable[[Record], str | None] = _plain_operator
    #: Services told by anything but the column "services".
    more_services: Callable[[Record], tuple[str, ...]] = _no_services
    #: The name under which a row that is no childcare is counted and left out; None keeps it.
    skip: Callable[[Record], str | None] = _nothing
    #: Further checks of a row.
    check: Callable[[Record], None] = _nothing
    #: Values for fields the file has no column for.
    constants: Mapping[str, str] = field(default_factory=dict)
    #: A row without a status is open, unless it has a day of closing (registers that list the living only).
    status_from_dates: bool = False
