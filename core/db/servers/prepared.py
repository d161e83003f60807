"""Bring a new embedded cluster to what Dolbom expects: roles, extensions, the database.

The guardian runs it as a child process so that it never carries the database driver itself.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.db.servers import roles
from core.db.servers.address import DATABASE, url
from core.db.servers.cluster import ADMIN
from core.db.servers.home import Home
from core.db.servers.refusals import StartFailed
from core.secret_files import secret

EDITION = "1"  # raise it when a step below changes: every existing home repeats the steps, each is repeatable


def ensure(home: Home) -> None:
    """Do nothing when this edition's steps are done; the mark lies in the data and is copied with it."""
    mark = home.data / "dolbom.prepared"
    if mark.exists() and mark.read_text() == EDITION:
        return
    command = [sys.executable, "-m", "core.db.servers.prepared", str(home.path)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise StartFailed(f"the database could not be prepared: {last[:400]} (logs: {home.logs})")
    mark.write_text(EDITION)


def prepare(home: Home) -> None:
    """Everything in `template1` too, so each new database has it from the start."""
    import psycopg  # here, because the guardian imports this file and must stay small

    def admin(database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(url(ADMIN, secret(home.path, ADMIN), home.sockets, database), autocommit=True)

    with admin("postgres") as connection:
        for role in roles.ROLES:
            roles.ensure_role(connection, role, secret(home.path, role))
    with admin("template1") as connection:
        roles.ensure_extensions(connection)
        roles.make_leakproof(connection)
    with admin("postgres") as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            roles.create_database(connection, DATABASE)
        connection.execute("revoke connect on database postgres, template1 from public")
        roles.ensure_grants(connection, DATABASE)


if __name__ == "__main__":
    prepare(Home(Path(sys.argv[1])))
