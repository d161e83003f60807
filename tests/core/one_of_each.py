"""A row of every scoped table at a place, made from the tables themselves: whoever sees a foreign one is caught.

All rows of one place have the same number, and every reference leads to it: the application of place 7 is the
application of the child of the family of place 7, whose guardian's account is number 7 too. So a new table is in the
matrix without anybody's doing; where its rules ask for more than its types tell, `TOLD` says it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa

from core.checks.models import mapped
from core.host.running import running
from core.security.rows import Scoped

#: Beyond whatever the tests make themselves.
FIRST = 900_000
#: What a table's types do not tell: values that fit together, or that a page needs to be drawn.
TOLD: dict[str, dict[str, Any]] = {
    "core.post": {"role": "parent", "last_day": date(2026, 1, 2)},
    "enrollment.class_group": {"year": 2026},
    "families.child": {"born_on": date(2024, 5, 4)},
    "families.document": {"kind": "birth_certificate", "form": "shown"},
    "families.likeness": {"second_id": FIRST * 2},
    "messaging.opt_out": {"contact": "+821012345678"},
}
#: What stands in a column of a type, when nothing else is known; text is told from text by the row's number.
_VALUES: tuple[tuple[Any, Any], ...] = (
    (sa.Boolean, False), (sa.DateTime, datetime(2026, 1, 1, tzinfo=UTC)), (sa.Date, date(2026, 1, 1)), (sa.Time, time(9)),
    ((sa.Integer, sa.Numeric), 1), (sa.ARRAY, []), (sa.JSON, {}), (sa.LargeBinary, b"x"),
)  # fmt: skip


def tables() -> list[Any]:
    """The mapped classes of all scoped tables, of core and of every module."""
    return [cls for cls in mapped(running()) if issubclass(cls, Scoped)]


def fill(places: dict[int, tuple[int, int]]) -> None:
    """Rows of every table for each number: {number: (region, facility)}."""
    engine = sa.create_engine(running().servers.admin_url, poolclass=sa.NullPool)
    with engine.begin() as owner:
        # Neither references nor history are the subject here.
        owner.execute(sa.text("set local session_replication_role = replica"))
        allowed = _words(owner)
        for cls in tables():
            table = cls.__table__
            if table.fullname in ("core.region", "core.place", "core.activation", "core.policy_override"):
                continue  # read by everybody, and ground the rest stands on
            for number, where in places.items():
                row = _row(cls, number, where, allowed.get(table.fullname, {}))
                columns = ", ".join(row)
                values = ", ".join(f":{name}" for name in row)
                owner.execute(
                    sa.text(f"insert into {table.fullname} ({columns}) overriding system value values ({values}) on conflict do nothing")
                    .bindparams(*(sa.bindparam(name, value, type_=table.c[name].type) for name, value in row.items()))
                )  # fmt: skip


def _row(cls: Any, number: int, where: tuple[int, int], words: dict[str, str]) -> dict[str, Any]:
    table, told = cls.__table__, TOLD.get(cls.__table__.fullname, {})
    row: dict[str, Any] = {}
    for column in table.columns:
        needed = not column.nullable and column.server_default is None
        if column.name in told:
            row[column.name] = told[column.name]
        elif column.name in ("region_no", "facility_id", "place_no") or column.name == cls.__scope_column__:
            row[column.name] = where[column.name != "region_no"]
        elif column.primary_key or column.name.endswith("_id") or column.name == "requested_by":
            row[column.name] = number
        elif needed:
            row[column.name] = words.get(column.name) or _value(column, number)
    return row


def _value(column: sa.Column[Any], number: int) -> Any:
    for kinds, value in _VALUES:
        if isinstance(column.type, kinds):
            return value
    return f"row {number}"


def _words(owner: sa.Connection) -> dict[str, dict[str, str]]:
    """Of columns that allow some words only, the first: table → column → word."""
    found: dict[str, dict[str, str]] = {}
    query = "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'c'"
    for table, rule in owner.execute(sa.text(query)):
        for column, word in re.findall(r"\(?\(?(\w+)\)?(?:::text)? = ANY \(+ARRAY\['(\w+)'", rule):
            found.setdefault(table, {}).setdefault(column, word)
    return found


def state() -> dict[str, Any]:
    """What every table holds, to the letter."""
    engine = sa.create_engine(running().servers.admin_url, poolclass=sa.NullPool)
    with engine.connect() as owner:
        return {
            name: owner.execute(sa.text(f"select count(*), md5(string_agg(t::text, '' order by t::text)) from {name} t")).one()
            for name in sorted(cls.__table__.fullname for cls in tables())
        }
