"""The restore drill: restore into a second home with servers of its own, compare everything, plant faults, clean up.

A backup nobody has restored is a hope. The drill ends with controls: it breaks the copy on purpose, and unless the
comparison notices each break it fails, because a blind comparison would have passed anything.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from core.config import Settings
from core.db.backup import container
from core.db.backup.comparing import compare
from core.db.backup.making import Installation, backup
from core.db.backup.report import Report
from core.db.backup.restoring import empty, restored
from core.db.backup.snapshot import Snapshot
from core.db.servers import Servers, attach


@dataclass(frozen=True)
class Proof:
    """What a module proves of a restored copy beyond equality: replay, trial balance, root. Returns its findings."""

    name: str
    check: Callable[[Settings, Servers], list[str]]


def drill(running: Installation, file: Path | None = None, *, proofs: Sequence[Proof] = ()) -> Report:
    """Prove that `file` (else a backup made now) can be restored; `ok` says so. The copy is removed in any case."""
    begun = time.monotonic()
    with _second_home(running.settings) as (folder, settings):
        if file is None:
            file = folder / "drill.backup"
            backup(running, file)
        report = replace(restored(file, settings), action="drill")
        with container.reading(file) as reader, attach(settings) as copy:
            for proof in proofs:
                report.proofs[proof.name] = proof.check(settings, copy.servers)
            report.controls = _controls(copy.servers, reader.facts)
    report.judge()
    report.seconds = round(time.monotonic() - begun, 3)
    return report


@contextmanager
def _second_home(settings: Settings) -> Iterator[tuple[Path, Settings]]:
    """A home beside the first one's data, with embedded servers whatever the first one uses."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=settings.home))
    home = folder / "home"
    own = replace(
        settings, home=home, durable=False, database_url=None, database_app_url=None, database_system_url=None,
        database_public_url=None, redis_url=None,
    )  # fmt: skip
    try:
        yield folder, own
    finally:
        empty(home, set())
        shutil.rmtree(folder, ignore_errors=True)


def _controls(servers: Servers, expected: dict[str, Any]) -> dict[str, bool]:
    """Break the copy in several ways, each undone again, and see whether the comparison notices."""
    assert servers.admin_url is not None
    table = max(expected["tables"], key=lambda name: expected["tables"][name]["rows"])
    noticed: dict[str, bool] = {}
    with psycopg.connect(servers.admin_url) as connection:
        faults = _faults(connection, table)
        connection.rollback()
        for what, statement in faults.items():
            # Undone at the end; neither triggers nor foreign keys may soften the fault.
            connection.execute("set local session_replication_role = replica")
            connection.execute("set local search_path = ''")
            connection.execute(statement)
            seen = Snapshot(connection, "")
            tables = {**expected["tables"], table: seen.table(table)}
            report = Report("control", "")
            compare(report, expected, {**expected, "structure": seen.structure(), "tables": tables})
            noticed[f"{table}: {what}"] = bool(report.differences)
            connection.rollback()
    return noticed


def _faults(connection: psycopg.Connection[Any], table: str) -> dict[str, sql.Composed]:
    name = sql.Identifier(*table.split(".", 1))
    one = sql.SQL("where ctid = (select ctid from {} limit 1)").format(name)
    faults = {
        "a row lost": sql.SQL("delete from {} {}").format(name, one),
        "row security off": sql.SQL("alter table {} disable row level security").format(name),
        "a trigger added": sql.SQL(
            "create trigger fault before truncate on {} execute function core.bump_version()"
        ).format(name),
        "a right given away": sql.SQL("grant truncate on {} to dolbom_public").format(name),
    }
    row = connection.execute(
        "select relrowsecurity, (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 "
        "and a.atttypid in ('text'::regtype, 'varchar'::regtype) and a.attgenerated = '' and not a.attisdropped and not exists "
        "(select from pg_constraint k where k.conrelid = c.oid and a.attnum = any(k.conkey)) order by a.attnum limit 1) "
        "from pg_class c where c.oid = %s::regclass",
        [table],
    ).fetchone()
    assert row is not None
    if not row[0]:
        faults.pop("row security off")
    if row[1]:
        column = sql.Identifier(row[1])
        faults["a word changed"] = sql.SQL("update {} set {} = {} || '!' {}").format(
            name, column, column, one
        )
    return faults
