"""Write a module's whole schema to a file before it is dropped: structure as SQL, rows as COPY text, with a manifest."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql


def archive_schema(owner: sa.Engine, schema: str, folder: Path) -> Path:
    """Archive every table of `schema` into `<folder>/<schema>-<time>.zip`: CSV with header, row counts and SHA-256.

    Raises OSError before anything is dropped when the file cannot be written whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{schema}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"
    partial = path.with_suffix(".part")
    facts: dict[str, dict[str, object]] = {}
    with owner.connect() as connection, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        for table in _tables(raw, schema):
            facts[table] = _write(raw, archive, schema, table)
        connection.rollback()  # puts the row walls back that the copy had to look over
        archive.writestr(
            "archive.json", json.dumps({"schema": schema, "tables": facts}, indent=1, sort_keys=True)
        )
    partial.rename(path)
    return path


def _tables(raw: psycopg.Connection[tuple[str]], schema: str) -> list[str]:
    rows = raw.execute(
        "select tablename from pg_tables where schemaname = %s order by 1", [schema]
    ).fetchall()
    return [row[0] for row in rows]


def _write(
    raw: psycopg.Connection[tuple[str]], archive: zipfile.ZipFile, schema: str, table: str
) -> dict[str, object]:
    name = sql.Identifier(schema, table)
    raw.execute(sql.SQL("alter table {} no force row level security").format(name))
    digest = hashlib.sha256()
    statement = sql.SQL("copy {} to stdout with (format csv, header)").format(name)
    with archive.open(f"{table}.csv", "w", force_zip64=True) as file, raw.cursor().copy(statement) as copy:
        for block in copy:
            digest.update(block)
            file.write(block)
    count = raw.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()
    lines = int(count[0]) if count else 0
    return {"rows": lines, "sha256": digest.hexdigest()}
