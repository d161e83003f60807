"""Make a backup: the dump, the uploads and the checksums, all of one moment, while everybody goes on working."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from core import __version__
from core.config import Settings
from core.db.backup import container, tools
from core.db.backup.refusals import NoRoom
from core.db.backup.report import Report, TableLine
from core.db.backup.snapshot import reader_url, snapshot
from core.db.servers.address import Servers

_BLOCK = 1 << 20


class Installation(Protocol):
    """What we need of a running Dolbom (`core.host.running.Running`)."""

    @property
    def settings(self) -> Settings:
        """Its settings."""

    @property
    def servers(self) -> Servers:
        """Its servers."""


def backup(running: Installation, file: Path) -> Report:
    """Write a backup of the whole installation into `file`. Raises `InTheWay`, `NoRoom`, `RightMissing`, `ToolFailed`."""
    begun = time.monotonic()
    _require_room(file)
    report = Report("backup", str(file), made_at=datetime.now(UTC).isoformat(timespec="seconds"))
    with container.writing(file) as writer, snapshot(running.servers) as moment:
        major = moment.connection.info.server_version // 10_000
        writer.stream(
            container.DUMP, tools.dump(running.servers, reader_url(running.servers), moment.name, major)
        )
        facts = moment.facts()
        uploads = _uploads(writer, running.settings.home, report)
        writer.manifest(
            {
                "made_at": report.made_at, "dolbom": __version__, "keys": _keys(running.settings.home),
                "uploads": uploads, **facts,
            }
        )  # fmt: skip
    report.tables = [
        TableLine(name, table["rows"], table["rows"], True) for name, table in facts["tables"].items()
    ]
    report.uploads, report.bytes = len(uploads), file.stat().st_size
    with container.reading(
        file
    ) as made:  # what was just written is read back, from the first to the last byte
        report.sha256 = made.digest
    if _keys(running.settings.home):
        report.warnings.append(
            "Sealed fields need the key files: keep a copy of the home's folder keys apart from backups."
        )
    report.seconds = round(time.monotonic() - begun, 3)
    return report


def _uploads(writer: container.Writer, home: Path, report: Report) -> dict[str, Any]:
    """Every upload with its size and digest; one deleted meanwhile is a warning, its row is younger than we are."""
    found = {}
    folder = home / "uploads"
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        name = path.relative_to(folder).as_posix()
        digest = sha256()

        def blocks(path: Path = path, digest: Any = digest) -> Iterator[bytes]:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    yield block

        try:
            size = writer.stream(container.UPLOADS + name, blocks())
        except FileNotFoundError:
            report.warnings.append(f"The upload {name} was deleted while the backup ran.")
            continue
        found[name] = {"bytes": size, "sha256": digest.hexdigest()}
    return found


def _keys(home: Path) -> list[str]:
    """Names of the keys that sealed fields may need; the keys themselves stay where they are."""
    return sorted(path.name for path in (home / "keys").glob("*.key"))


def _require_room(file: Path) -> None:
    try:
        free = shutil.disk_usage(file.absolute().parent).free
    except OSError as error:
        raise NoRoom(f"{file.absolute().parent}: {error.strerror}; name a folder that exists") from error
    if free < 64 << 20:
        raise NoRoom(
            f"{file.absolute().parent} has only {free >> 20} MB left; free some space or choose another disk"
        )
