"""Record rules, second wall: row-level security with FORCE, grants and the change history, written by migrations.

The form of the policy decides the speed (docs/decisions): lists and ranges straight from the settings, never in `(select …)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.security import history_triggers
from core.security.history_triggers import Operations

APP, SYSTEM, PUBLIC = "dolbom_app", "dolbom_system", "dolbom_public"


@dataclass(frozen=True)
class Via:
    """Rows that concern a person through another table: those whose `column` is among what `select` gives.

    `{me}` in the select stands for the person's account. The select sees what its own tables' walls let the person see, so
    its table must not lean on this one in turn.
    """

    column: str
    select: str

    @property
    def condition(self) -> str:
        """The SQL condition of a policy."""
        return f"{self.column} in ({self.select.format(me=_ME)})"


_ME = "nullif(current_setting('dolbom.account', true), '')::bigint"


def in_scope(column: str) -> str:
    """The SQL condition «this place number is in the scope»: at most 64 numbers or two blocks."""

    def number(name: str) -> str:
        return f"nullif(current_setting('dolbom.{name}', true), '')::bigint"

    return (
        f"{column} = any(coalesce(nullif(current_setting('dolbom.facilities', true), ''), '{{}}')::bigint[])"
        f" or {column} between {number('l1')} and {number('h1')}"
        f" or {column} between {number('l2')} and {number('h2')}"
    )


def policies(
    column: str, *, public: str | None, read: str, own: str | Via | None, shared: Via | None = None
) -> list[tuple[str, str, str, str, bool]]:
    """The policies of one table: (name, command, role, condition, with check)."""
    mine = in_scope(column)
    if own:
        mine += " or " + (own.condition if isinstance(own, Via) else f"{own} = {_ME}")
    found = [
        ("app_scope", "all", APP, mine, True),
        ("system_all", "all", SYSTEM, "true", True),
    ]
    if shared:
        found.append(("app_shared", "select", APP, shared.condition, False))
    if read == "all":
        found.append(("app_reads_all", "select", APP, "true", False))
        found.append(("visitors", "select", PUBLIC, "true", False))
    elif public:
        found.append(("visitors", "select", PUBLIC, public, False))
    return found


def statements(
    table: str,
    *,
    column: str,
    public: str | None = None,
    read: str = "scope",
    own: str | Via | None = None,
    shared: Via | None = None,
) -> list[str]:
    """The SQL that raises the wall around `table` (schema.table)."""
    sql = [f"alter table {table} enable row level security", f"alter table {table} force row level security"]
    for name, command, role, condition, check in policies(
        column, public=public, read=read, own=own, shared=shared
    ):
        sql.append(
            f"create policy {name} on {table} for {command} to {role} using ({condition})"
            + (f" with check ({condition})" if check else "")
        )
    if public or read == "all":
        schema = table.split(".", maxsplit=1)[0]
        sql.append(f"grant usage on schema {schema} to {PUBLIC}")
        sql.append(f"grant select on {table} to {PUBLIC}")
    return sql


def protect(
    op: Operations,
    table: str,
    *,
    column: str = "facility_id",
    public: str | None = None,
    read: str = "scope",
    own: str | Via | None = None,
    shared: Via | None = None,
    key: str = "id",
    history: bool = True,
    secret: Sequence[str] = (),
) -> None:
    """Raise the wall around a scoped table and, with `history`, record every change of it.

    `own` names the column with the account whose own row it is, or the way to it; `shared` is the way to rows one may read
    beyond one's places.
    `secret` columns never enter the history; `key` is the primary key column it is filed under.
    """
    for statement in statements(table, column=column, public=public, read=read, own=own, shared=shared):
        op.execute(statement)
    if history:
        record_history(op, table, column=column, key=key, secret=secret)


def open_table(
    op: Operations,
    table: str,
    *,
    app: str = "select",
    public: bool = False,
    key: str = "id",
    history: bool = False,
) -> None:
    """Set the rights on an unscoped table: what people's sessions may do to it (system sessions may do all)."""
    op.execute(f"revoke all on {table} from {APP}")
    if app:
        op.execute(f"grant {app} on {table} to {APP}")
    if public:
        op.execute(f"grant usage on schema {table.split('.', maxsplit=1)[0]} to {PUBLIC}")
        op.execute(f"grant select on {table} to {PUBLIC}")
    if history:
        record_history(op, table, column=None, key=key)


def record_history(
    op: Operations, table: str, *, column: str | None, key: str = "id", secret: Sequence[str] = ()
) -> None:
    """Record every change of a table from now on, also by raw SQL."""
    history_triggers.attach(op, table, column=column, key=key, secret=secret)


@contextmanager
def backfill(op: Operations, table: str) -> Iterator[None]:
    """Let a migration change rows: under FORCE the owner's own UPDATE would silently touch none."""
    op.execute(f"alter table {table} no force row level security")
    yield
    op.execute(f"alter table {table} force row level security")
