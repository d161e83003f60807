"""The triggers that write the change history: one for each kind of statement, however many rows it touches.

A trigger for each row would cost an import several times what the rows themselves cost. The function reads the rows of
the whole statement; old and new ones come in the same order, so that a changed key is recorded too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

#: Trigger → the event and the rows it hands over.
TRIGGERS = {
    "history_insert": ("insert", "new table as new_rows"),
    "history_update": ("update", "old table as old_rows new table as new_rows"),
    "history_delete": ("delete", "old table as old_rows"),
}
_INTO = "insert into core.change (actor, account_id, reason, table_name, op, pk, place_no, diff)"
_ROW = "actor, account, reason, whole, left(tg_op, 1), kept ->> tg_argv[0], (kept ->> place)::bigint"
#: Arguments of the trigger: the key's column, the place's column or '', then columns that never enter the history.
#: A table may have columns called as the variables here: those win. `offset 0` keeps PostgreSQL from making a row's JSON anew
#: for each use of it.
FUNCTION = f"""
create or replace function core.record_changes() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
    actor text := coalesce(nullif(current_setting('dolbom.actor', true), ''), session_user);
    account bigint := nullif(current_setting('dolbom.account', true), '')::bigint;
    reason text := coalesce(current_setting('dolbom.reason', true), '');
    whole text := tg_table_schema || '.' || tg_table_name;
    place text := nullif(tg_argv[1], '');
    hidden text[] := tg_argv[2:];
begin
    if tg_op = 'INSERT' then
        {_INTO} select {_ROW}, jsonb_strip_nulls(kept)
          from (select to_jsonb(new_rows) - hidden as kept from new_rows offset 0) made;
    elsif tg_op = 'DELETE' then
        {_INTO} select {_ROW}, jsonb_strip_nulls(kept)
          from (select to_jsonb(old_rows) - hidden as kept from old_rows offset 0) gone;
    else
        {_INTO} select {_ROW}, diff
          from (select b.kept, (select jsonb_object_agg(k.key, jsonb_build_array(a.kept -> k.key, k.value))
                                  from jsonb_each(b.kept) k where a.kept -> k.key is distinct from k.value) as diff
                  from (select to_jsonb(old_rows) - hidden as kept, row_number() over () as n from old_rows) a
                  join (select to_jsonb(new_rows) - hidden as kept, row_number() over () as n from new_rows) b using (n)
                 order by n offset 0) changed
         where diff is not null;
    end if;
    return null;
end $$
"""


class Operations(Protocol):
    """What we need of `alembic.op`: execute a statement."""

    def execute(self, statement: str) -> None:
        """Run one SQL statement."""


def attach(op: Operations, table: str, *, column: str | None, key: str = "id", secret: Sequence[str] = ()) -> None:
    """Record every change of `table` from now on, also by raw SQL; `secret` columns stay out of the history."""
    detach(op, table)
    arguments = ", ".join(f"'{part}'" for part in (key, column or "", *secret))
    for name, (event, rows) in TRIGGERS.items():
        op.execute(
            f"create trigger {name} after {event} on {table} referencing {rows} "
            f"for each statement execute function core.record_changes({arguments})"
        )


def detach(op: Operations, table: str) -> None:
    """Take the triggers off again, also one of the former kind."""
    for name in ("history", *TRIGGERS):
        op.execute(f"drop trigger if exists {name} on {table}")
