"""The checks between the fields of a row and between the rows of a file."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from modules.facilities.layouts.columns import AGES, STAFF
from modules.facilities.layouts.geography import outside_their_district
from modules.facilities.layouts.row import Defect
from modules.facilities.layouts.values import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from modules.facilities.layouts.record import Record
    from modules.facilities.layouts.row import FacilityRow

_CLASSES = tuple(f"classes_{age}" for age in AGES)
_CHILDREN = tuple(f"children_{age}" for age in AGES)
_STAFF = tuple(f"staff_{kind}" for kind in STAFF)


def check_sums(record: Record, row: Mapping[str, Any]) -> tuple[tuple[str, int, int], ...]:
    """The children and classes by age, after checking them and the staff against their totals.

    Registers count kinds of staff in the total that have no column: a total above the sum is no defect, a
    total below it is, or another number of staff elsewhere in the row.
    """
    classes = record.counts(_CLASSES)
    children = record.counts(_CHILDREN)
    total = record.count("children_total")
    if total is not None and sum(children) != total:
        record.warn("ages-do-not-add-up", "children_total", f"{sum(children)} ≠ {total}")
    if total is not None and row["enrolled"] is not None and row["enrolled"] != total:
        record.warn("enrolled-differs", "enrolled", f"{row['enrolled']} ≠ {total}")
    all_classes = record.count("classes_total")
    if all_classes is not None and sum(classes) != all_classes:
        record.warn("classes-do-not-add-up", "classes_total", f"{sum(classes)} ≠ {all_classes}")
    all_staff = record.count("staff_total")
    if all_staff is not None:
        staff = sum(record.counts(_STAFF))
        if staff > all_staff:
            record.warn("staff-do-not-add-up", "staff_total", f"{staff} > {all_staff}")
        elif row["staff_count"] is not None and row["staff_count"] != all_staff:
            record.warn("staff-do-not-add-up", "staff_count", f"{row['staff_count']} ≠ {all_staff}")
    if not any(classes) and not any(children):
        return ()
    return tuple(group for group in zip(AGES, classes, children, strict=True) if group[1] or group[2])


def check_places(record: Record, row: dict[str, Any]) -> None:
    """A facility that is not closed has places; 0 is how registers write "not entered"."""
    if not row["capacity"]:
        row["capacity"] = None
        if record.has("capacity") and row["status"] != "closed":
            record.warn("capacity-missing", "capacity")
    elif row["enrolled"] is not None and row["enrolled"] > row["capacity"]:
        record.warn("more-children-than-places", "enrolled", f"{row['enrolled']} > {row['capacity']}")


def check_dates(record: Record, row: Mapping[str, Any]) -> None:
    """A closed facility has a day of closing, after its license; a pause ends after it begins."""
    licensed, closed = row["licensed_on"], row["closed_on"]
    if row["status"] == "closed" and closed is None and record.has("closed_on"):
        record.warn("closed-without-date", "closed_on")
    for first, last, field in (
        (licensed, closed, "closed_on"),
        (row["paused_from"], row["paused_to"], "paused_to"),
    ):
        if first is not None and last is not None and last < first:
            record.warn("date-order", field, f"{first} > {last}")


def repeated_names(rows: Sequence[FacilityRow]) -> Iterator[Defect]:
    """Facilities of one name in one district: likely one facility twice, or one licensed anew."""
    by_name: dict[tuple[str, str], list[FacilityRow]] = defaultdict(list)
    for row in rows:
        by_name[row.region_code, row.name].append(row)
    by_key: dict[tuple[str, str], list[FacilityRow]] = defaultdict(list)
    for (region, name), same in by_name.items():
        by_key[region, name_key(name)] += same
    for same in by_key.values():
        if len(same) == 1:
            continue
        living = [row for row in same if row.status != "closed"]
        closed = ", ".join(str(row.register_no) for row in same if row.status == "closed")
        for row in living:
            others = ", ".join(str(other.register_no) for other in living if other is not row)
            if others:
                yield Defect("name-repeated", row.line, row.register_no, "name", others)
            if closed:
                yield Defect("name-repeated-closed", row.line, row.register_no, "name", closed)


def misplaced(rows: Sequence[FacilityRow], polygons: Mapping[str, Mapping[str, Any]]) -> Iterator[Defect]:
    """Facilities whose point lies in somebody else's district."""
    for row in outside_their_district(rows, polygons):
        yield Defect("coordinates-outside-district", row.line, row.register_no, "lat", f"{row.lat},{row.lon}")
