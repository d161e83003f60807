"""Restore a backup into an empty home, and prove it there before anybody works with it."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from hashlib import sha256
from pathlib import Path, PurePosixPath

import psycopg
from alembic.util import CommandError

from core import __version__
from core.config import ROOT, Settings
from core.db import migrations
from core.db.backup import container, tools
from core.db.backup.comparing import compare
from core.db.backup.refusals import Differs, HomeNotEmpty, NoRoom, OtherOwner, OtherVersion
from core.db.backup.report import Report
from core.db.backup.snapshot import reader_url, snapshot
from core.db.servers import Servers, attach
from core.db.servers.binaries import find_postgres
from core.db.servers.home import Home

#: What an operator may have put into a home before: its settings, the key files, the passwords of foreign roles.
BROUGHT = {"config.toml", "keys", "secrets"}
_GUARDIAN_PATIENCE = 120.0


def restore(file: Path, settings: Settings) -> Report:
    """Restore `file` into the empty home of `settings`; what was restored is compared with the backup, row by row.

    Everything that can be refused is refused before anything is touched: `NotABackup`, `OtherVersion`,
    `HomeNotEmpty`, `NoRoom`, `RightMissing`. A restore that fails later (`Differs`) leaves the home as it was.
    """
    before = _entries(settings.home)
    report = restored(file, settings)
    if not report.ok:
        empty(settings.home, before)
        raise Differs(
            f"the restored copy has {len(report.differences)} differences and was removed; the first: {report.differences[0]}"
        )
    return report


def restored(file: Path, settings: Settings) -> Report:
    """The same for a drill: differences are reported and the copy stays."""
    begun = time.monotonic()
    report = Report("restore", str(file))
    with container.reading(file) as backup:
        _require_known(backup, report)
        _require_empty(settings)
        _require_version(backup, settings)
        _require_room(backup, settings.home)
        uploads = list(backup.uploads())
        before = _entries(settings.home)
        _describe(backup, settings, report)
        try:
            with attach(settings) as attached:
                _require_fresh(backup, attached.servers)
                _fill(backup, uploads, attached.servers, settings.home)
                with snapshot(attached.servers) as moment:
                    compare(report, backup.facts, moment.facts())
        except BaseException:
            empty(settings.home, before)
            raise
        _compare_uploads(backup, settings.home, report)
    report.seconds = round(time.monotonic() - begun, 3)
    return report.judge()


def _describe(backup: container.Reader, settings: Settings, report: Report) -> None:
    report.made_at, report.sha256 = backup.facts["made_at"], backup.digest
    report.bytes = backup.path.stat().st_size
    keys = settings.home / "keys"
    missing = [name for name in backup.facts["keys"] if not (keys / name).exists()]
    if missing:
        report.warnings.append(
            f"Sealed fields cannot be read until these keys are in {keys}: {', '.join(missing)}"
        )


def _require_known(backup: container.Reader, report: Report) -> None:
    """Every revision of the backup must be known to the code here; data of absent modules is kept for them."""
    for schema, revision in backup.facts["modules"].items():
        folder = ROOT / "migrations" / schema
        if not folder.is_dir():
            report.warnings.append(f"The module {schema} is not here; its data is restored and waits for it.")
            continue
        try:
            migrations.directory(migrations.Scripts(schema, folder, ROOT)).get_revision(revision)
        except CommandError:
            raise OtherVersion(
                f"{backup.path} was made by Dolbom {backup.facts['dolbom']} and knows {schema} {revision}; this is "
                f"{__version__}: update Dolbom first"
            ) from None


def _require_empty(settings: Settings) -> None:
    others = sorted(_entries(settings.home) - BROUGHT)
    if others:
        raise HomeNotEmpty(
            f"{settings.home} is not empty (there is {others[0]}); choose another DOLBOM_HOME, or move that folder away first"
        )


def _entries(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()} if home.is_dir() else set()


def _require_version(backup: container.Reader, settings: Settings) -> None:
    """An older PostgreSQL cannot read a newer one's dump."""
    wanted = backup.facts["postgres"] // 10_000
    if settings.database_url:
        with psycopg.connect(settings.database_url) as connection:
            here = connection.info.server_version // 10_000
    else:
        here = find_postgres(settings.pg_bin, settings.home / "pg").major
    if here < wanted:
        raise OtherVersion(
            f"{backup.path} was made by PostgreSQL {wanted}, here is {here}; install PostgreSQL {wanted} or newer"
        )


def _require_room(backup: container.Reader, home: Path) -> None:
    folder = next(path for path in (home, *home.parents) if path.is_dir())
    # The dump twice (its copy and, unpacked and indexed, some four times its size), the uploads once.
    needed = 6 * backup.archive.getinfo(container.DUMP).file_size + backup.size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(f"{folder} has {free >> 20} MB left, the restore needs about {needed >> 20} MB")


def _require_fresh(backup: container.Reader, servers: Servers) -> None:
    """A foreign database must be empty of us, and its owner called like the backup's."""
    reader_url(servers)
    with psycopg.connect(servers.owner_url) as connection:
        if connection.execute("select 1 from pg_namespace where nspname = 'core'").fetchone():
            raise HomeNotEmpty("DATABASE_URL: this database has a Dolbom in it already; name an empty one")
        if connection.info.user != backup.facts["owner"]:
            raise OtherOwner(
                f"the tables of the backup belong to {backup.facts['owner']}, DATABASE_URL works as {connection.info.user}; "
                f"create the role {backup.facts['owner']} and use it in DATABASE_URL"
            )


def _fill(
    backup: container.Reader, uploads: list[tuple[str, PurePosixPath]], servers: Servers, home: Path
) -> None:
    copy = home / "restore.dump"
    try:
        backup.extract(container.DUMP, copy)
        tools.load(servers, copy, backup.facts["postgres"] // 10_000)
    finally:
        copy.unlink(missing_ok=True)
    with psycopg.connect(servers.owner_url, autocommit=True) as connection:
        connection.execute("analyze")
    for name, relative in uploads:
        target = home / "uploads" / relative
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        backup.extract(name, target)


def _compare_uploads(backup: container.Reader, home: Path, report: Report) -> None:
    for name, expected in backup.facts["uploads"].items():
        path = home / "uploads" / name
        found = sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
        if found != expected["sha256"]:
            report.differences.append(f"upload {name}: {found} instead of {expected['sha256']}")
    report.uploads = len(backup.facts["uploads"])


def empty(home: Path, kept: set[str]) -> None:
    """Remove what a restore put into a home, after its servers have stopped."""
    if not home.is_dir():
        return
    wait_for_guardian(home)
    for path in home.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    sockets = Home(home).sockets
    if sockets.parent != home:
        shutil.rmtree(sockets, ignore_errors=True)


def wait_for_guardian(home: Path) -> None:
    """Return when the home's servers have stopped: their guardian holds its lock as long as it lives."""
    path = Home(home).guardian_lock
    if not path.exists():
        return
    lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    deadline = time.monotonic() + _GUARDIAN_PATIENCE
    try:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.1)
            else:
                return
    finally:
        os.close(lock)
