"""Join a home's servers, starting them if nobody has: hold the returned object as long as you need them."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.config import ROOT, Settings
from core.db.servers import processes, roles
from core.db.servers.address import DATABASE, Servers, redis_url, url
from core.db.servers.cluster import ADMIN
from core.db.servers.home import Home, open_home, unusable
from core.db.servers.refusals import BY_CODE, HomeBusy, StartFailed
from core.secret_files import secret

PATIENCE = 120.0  # a cold start takes a second; recovery after a crash on a slow disk can take far longer


class Attached:
    """A held place among the users of a home's servers; a context manager."""

    def __init__(self, settings: Settings, more_to_come: bool = False) -> None:
        self.settings = settings
        self.more_to_come = more_to_come
        self.home = open_home(settings.home)
        self._lock: int | None = None
        try:
            self._lock = _shared(self.home.users_lock)
            self.servers = _serve(self.home, settings)
        except OSError as error:
            self.close()
            raise unusable(self.home.path, error) from error
        except BaseException:
            self.close()
            raise

    def heal(self) -> None:
        """Start the servers again if their guardian was killed; addresses and pools stay good."""
        _serve(self.home, self.settings)

    def close(self) -> None:
        """Leave. The lock is closed, not unlocked: forked children share it and may still need it."""
        if self._lock is not None:
            if self.more_to_come:
                self.home.linger.touch()
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def attach(settings: Settings, more_to_come: bool = False) -> Attached:
    """Start or join the servers of `settings.home`, or those of DATABASE_URL and REDIS_URL.

    A short command says `more_to_come`: the servers then stay three seconds for the script's next command.
    """
    return Attached(settings, more_to_come)


def _serve(home: Home, settings: Settings) -> Servers:
    wanted = {"postgres": not settings.database_url, "valkey": not settings.redis_url}
    facts: dict[str, Any] = _guarded(home, settings, wanted) if any(wanted.values()) else {}
    bell = settings.redis_url or redis_url(Path(facts["sockets"]))
    if settings.database_url:
        from core.db.servers import (
            foreign,  # the driver costs 0.1 s; embedded users open it when they need it
        )

        return foreign.servers(home, settings, bell)
    sockets = Path(facts["sockets"])
    owner, app, system, public, admin = (
        url(role, secret(home.path, role), sockets, DATABASE) for role in (*roles.ROLES, ADMIN)
    )
    return Servers(owner, app, system, public, bell, admin, Path(facts["pg_bin"]), embedded=True)


def _guarded(home: Home, settings: Settings, wanted: dict[str, bool]) -> dict[str, Any]:
    """The living guardian's facts, after starting one if need be."""
    facts = _ready(home)
    if not facts:
        starting = os.open(home.start_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(starting, fcntl.LOCK_EX)
            facts = _ready(home) or _start(home, settings, wanted)
        finally:
            os.close(starting)
    missing = [name for name, needed in wanted.items() if needed and name not in facts["services"]]
    if missing:
        raise HomeBusy(
            f"{home.path} is in use by processes with another DATABASE_URL or REDIS_URL, so {missing[0]} "
            "does not run; stop them first or choose another DOLBOM_HOME"
        )
    return facts


def _start(home: Home, settings: Settings, wanted: dict[str, bool]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    chosen = {"pg_bin": settings.pg_bin, "valkey_bin": settings.valkey_bin, "durable": settings.durable}
    command = [sys.executable, "-m", "core.db.servers.guardian", str(home.path), json.dumps(wanted | chosen)]
    while time.monotonic() < deadline:
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, errors="replace", start_new_session=True, check=False,
        )  # fmt: skip
        word, _, rest = done.stdout.strip().partition(" ")
        if word == "error":
            code, _, message = rest.partition(" ")
            raise BY_CODE.get(code, StartFailed)(message)
        facts = _ready(home)
        if facts:
            return facts
        if word != "busy":
            last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
            raise StartFailed(f"the guardian of {home.path} ended at once: {last[:400]} (logs: {home.logs})")
    raise HomeBusy(
        f"another guardian holds {home.path} but is not ready; is the home shared with another container?"
    )


def _ready(home: Home) -> dict[str, Any]:
    """The ready file's facts while the guardian that wrote it lives; it outlives a killed one."""
    try:
        facts: dict[str, Any] = json.loads(home.ready.read_text())
        return facts if processes.born(facts["pid"]) == facts["born"] else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _shared(path: Path) -> int:
    """A shared lock; waits while a guardian that found nobody is still stopping its servers."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def _environment() -> dict[str, str]:
    """None of our settings (they are arguments) and nothing that makes Python or libpq start differently."""
    dropped = ("PYTHON", "DOLBOM_", "PG", "COV_", "DATABASE", "REDIS", "SECRET")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(path)}
