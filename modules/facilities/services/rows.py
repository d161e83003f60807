"""Write register rows set-based: one stage, one insert or update per table, whatever the size of the file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from core.sdk import atlas, bulk, db, i18n, tree
from modules.facilities.layouts.row import FacilityRow
from modules.facilities.models import AgeGroup, Facility, Service, StatusChange
from modules.facilities.services.register import new_codes, search_text

#: Columns that come from a register row as they are.
_PLAIN = (
    "name", "kind", "kind_raw", "status", "address", "postcode", "phone", "fax", "homepage", "lat", "lon", "licensed_on",
    "paused_from", "paused_to", "closed_on", "capacity", "enrolled", "rooms", "room_area_m2", "playgrounds", "cctv",
    "staff_count", "bus", "operator", "source_on",
)  # fmt: skip
_TEXT = ("address", "postcode", "phone", "fax", "homepage", "operator")
_DERIVED = ("search_text", "name_sort", "row_hash", "source")
_KEYS = ("id", "region_no", "code", "register", "register_no", "published")


_facts = attrgetter(*(name for name in FacilityRow.__slots__ if name not in ("line", "source_on")))


@dataclass
class Plan:
    """What an import will write."""

    new: list[tuple[FacilityRow, str]] = field(default_factory=list)
    changed: list[tuple[int, FacilityRow, str]] = field(default_factory=list)
    status_changed: list[tuple[int, FacilityRow]] = field(default_factory=list)
    vanished: list[tuple[int, str, str]] = field(default_factory=list)


def row_hash(row: FacilityRow) -> str:
    """What tells an unchanged row: everything but its line and the day of the file."""
    return hashlib.blake2b(repr(list(_facts(row))).encode(), digest_size=16).hexdigest()


def write(plan: Plan, source: str) -> None:
    """Write new and changed rows, their age groups, services and status steps."""
    numbers = _insert(plan.new, source)
    _update(plan.changed, source)
    touched = [(no, row) for no, (row, _mark) in zip(numbers, plan.new, strict=True)] + [
        (no, row) for no, row, _mark in plan.changed
    ]
    changed = [no for no, _row, _mark in plan.changed]
    _replace_children(touched, changed)
    steps = [(no, row) for no, (row, _mark) in zip(numbers, plan.new, strict=True)] + plan.status_changed
    add_many(
        StatusChange.__table__,
        [
            {"facility_id": no, "status": row.status, "from_day": _since(row), "source": source}
            for no, row in steps
        ],
    )


def _since(row: FacilityRow) -> Any:
    return {"closed": row.closed_on, "paused": row.paused_from, "reopened": row.paused_to}.get(
        row.status, row.licensed_on
    )


def _values(row: FacilityRow, mark: str, source: str) -> list[Any]:
    plain = [(getattr(row, name) or "") if name in _TEXT else getattr(row, name) for name in _PLAIN]
    return [*plain, search_text(row.name, row.address), i18n.sort_key(row.name), mark, source]


def _insert(new: Sequence[tuple[FacilityRow, str]], source: str) -> list[int]:
    if not new:
        return []
    tree_now = atlas()
    regions = [tree_now.find(row.region_code).no for row, _mark in new]
    pools = {region: iter(tree.allot(region, count)) for region, count in Counter(regions).items()}
    numbers = [next(pools[region]) for region in regions]
    columns = (*_KEYS, *_PLAIN, *_DERIVED)
    bulk.stage(
        Facility.__table__, columns,
        ((no, region, code, row.register, row.register_no, True, *_values(row, mark, source))
         for no, region, code, (row, mark) in zip(numbers, regions, new_codes(len(new)), new, strict=True)),
        "staged_new",
    )  # fmt: skip
    listed = ", ".join(columns)
    _run(f"insert into facilities.facility ({listed}) select {listed} from staged_new order by id")
    return numbers


def _update(changed: Sequence[tuple[int, FacilityRow, str]], source: str) -> None:
    if not changed:
        return
    columns = (*_PLAIN, *_DERIVED)
    bulk.stage(
        Facility.__table__,
        ("id", *columns),
        ((no, *_values(row, mark, source)) for no, row, mark in changed),
        "staged_changed",
    )
    pairs = ", ".join(f"{column} = s.{column}" for column in columns if column != "capacity")
    # A capacity agreed after the day of the file stands until a later register knows it (S1-113).
    pairs += (
        ", capacity = case when exists (select from facilities.capacity_change c where c.facility_id = f.id and "
        "c.state = 'in_force' and c.effective_on >= s.source_on) then f.capacity else s.capacity end"
    )
    _run(
        f"update facilities.facility f set {pairs}, changed_at = clock_timestamp() from staged_changed s where f.id = s.id"
    )


def _replace_children(touched: list[tuple[int, FacilityRow]], changed: list[int]) -> None:
    """Age groups and services as the row has them; only rows that differ are written."""
    ages = [(no, age, classes, children) for no, row in touched for age, classes, children in row.age_groups]
    services = [(no, service) for no, row in touched for service in row.services]
    bulk.stage(AgeGroup.__table__, ("facility_id", "age", "classes", "children"), ages, "staged_age")
    bulk.stage(Service.__table__, ("facility_id", "service"), services, "staged_service")
    if changed:
        for table, key in (("age_group", "age"), ("service", "service")):
            stage = "staged_age" if table == "age_group" else "staged_service"
            _run(
                f"delete from facilities.{table} t where t.facility_id = any(:ids) and not exists "
                f"(select from {stage} s where s.facility_id = t.facility_id and s.{key} = t.{key})",
                ids=changed,
            )
    _run(
        "insert into facilities.age_group as t (facility_id, age, classes, children) "
        "select facility_id, age, classes, children from staged_age on conflict (facility_id, age) do update "
        "set classes = excluded.classes, children = excluded.children "
        "where (t.classes, t.children) is distinct from (excluded.classes, excluded.children)"
    )
    _run(
        "insert into facilities.service (facility_id, service) select distinct facility_id, service from staged_service "
        "on conflict (facility_id, service) do nothing"
    )


def _run(statement: str, **values: Any) -> None:
    # Identifiers come from this file only; values are bound.
    db.session.execute(sa.text(statement), values)


def add_many(table: Any, records: list[dict[str, Any]]) -> None:
    """Insert records (defects, status steps) through a stage; internal to the importer, which has asked."""
    if not records:
        return
    columns = tuple(records[0])
    name = f"staged_{table.name}"
    bulk.stage(table, columns, ([record[column] for column in columns] for record in records), name)
    listed = ", ".join(columns)
    _run(f"insert into {table.fullname} ({listed}) select {listed} from {name}")


def differences(changed: Sequence[tuple[int, FacilityRow, str]]) -> list[dict[str, Any]]:
    """What a dry run shows: changed fields now and in the file; internal to the importer, which has asked."""
    there = {
        f.id: f
        for f in db.session.scalars(
            sa.select(Facility).where(Facility.id.in_([no for no, _r, _m in changed]))
        )
    }
    found = []
    for no, row, _mark in changed:
        old = there[no]
        fields = {
            name: [_show(getattr(old, name)), _show(getattr(row, name))]
            for name in _PLAIN
            if name != "source_on" and (getattr(old, name) or None) != (getattr(row, name) or None)
        }
        found.append(
            {"facility": old.code, "register_no": row.register_no, "line": row.line, "fields": fields}
        )
    return found


def _show(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
