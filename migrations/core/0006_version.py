"""A version that was rolled back is never given again: a process may have remembered what it saw under that number."""

from __future__ import annotations

from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None

#: Microseconds are past every number given before, also before those that never came true.
BUMP = """
create or replace function core.bump_version() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update core.activation_version
       set v = greatest(v + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint);
    return null;
end $$
"""


def upgrade() -> None:
    op.execute(BUMP)
