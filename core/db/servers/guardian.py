"""The one detached process that owns a home's servers: it lives while anybody holds `users.lock`.

Run as `python -m core.db.servers.guardian HOME JSON`; it reports one line on its standard output: `ready`,
`busy` (another guardian holds the home) or `error CODE MESSAGE`. Standard library only: it must start fast.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from core.db.servers import prepared, processes
from core.db.servers.home import Home, private, unusable
from core.db.servers.postgres import PostgresServer
from core.db.servers.valkey import ValkeyServer
from core.db.servers.watch import Server, Watch, await_ready, say, shorten
from core.errors import DolbomError

TICK = 1.0
LINGER = 3.0
HOUSEKEEPING = 3600.0


def main(arguments: list[str]) -> int:
    """Detach, take the home, start what was asked for, guard it, stop it."""
    home, wanted = Home(Path(arguments[0])), json.loads(arguments[1])
    if os.fork():
        return 0
    detach()
    report = os.dup(1)
    try:
        lock = os.open(home.guardian_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not taken(lock, patience=1.0):
            return tell(report, "busy")
        os.chdir(home.path)
        log = os.open(home.logs / "guardian.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        return guard(home, wanted, report)
    except DolbomError as error:
        refusal: DolbomError = error
    except OSError as error:
        refusal = unusable(home.path, error)
    say(f"{refusal.code}: {refusal}")
    return tell(report, f"error {refusal.code} {refusal}")


def detach() -> None:
    """Own session, no terminal signals, default handlers for children (handlers do not survive exec)."""
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGTERM, _asked_to_stop)
    os.umask(0o077)


def guard(home: Home, wanted: dict[str, Any], report: int) -> int:
    """Start the servers, announce them, watch them until the last user is gone."""
    servers: list[Server] = []
    try:
        home.ready.unlink(missing_ok=True)
        private(home.sockets)
        users = os.open(home.users_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        postgres = PostgresServer(home, wanted["pg_bin"], wanted["durable"]) if wanted["postgres"] else None
        if postgres:
            servers.append(postgres)
        if wanted["valkey"]:
            servers.append(ValkeyServer(home, wanted["valkey_bin"]))
        for server in servers:
            server.start()
        for server in servers:
            await_ready(server)
        if postgres:
            prepared.ensure(home)
        announce(home, [server.name for server in servers], postgres)
        say(f"ready: {', '.join(server.name for server in servers)}")
        tell(report, "ready")
        os.close(report)
        watch(home, [Watch(server) for server in servers], users)
    except _Stop:
        say("asked to stop")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once stopping, stop in order
        home.ready.unlink(missing_ok=True)
        for server in reversed(servers):
            server.stop()
        if servers and home.sockets.parent != home.path:
            shutil.rmtree(home.sockets, ignore_errors=True)  # a short folder under /tmp
        say("stopped")
    return 0


def watch(home: Home, watches: list[Watch], users: int) -> None:
    """Return when nobody holds the users' lock; it then stays ours until we are gone."""
    kept_house = time.monotonic()
    while True:
        if taken(users):
            if not expected(home):
                return
            fcntl.flock(users, fcntl.LOCK_UN)
        for each in watches:
            each.look()
        if time.monotonic() - kept_house > HOUSEKEEPING:
            kept_house = time.monotonic()
            keep_house(home)
        time.sleep(TICK)


def expected(home: Home) -> bool:
    """Whether a command that just left said that the next one comes soon."""
    try:
        return 0 <= time.time() - home.linger.stat().st_mtime < LINGER  # a clock set back is no wish to stay
    except OSError:
        return False


def keep_house(home: Home) -> None:
    """Cleaners of /tmp remove sockets nobody touched for days; logs grow."""
    try:
        for path in home.sockets.iterdir():
            os.utime(path)
        for path in home.logs.glob("*.log"):
            shorten(path)
    except OSError as error:
        say(f"housekeeping: {error}")


def announce(home: Home, services: list[str], postgres: PostgresServer | None) -> None:
    """Write the ready file in one step, with an identity that a later process of the same number has not."""
    facts = {
        "pid": os.getpid(),
        "born": processes.born(os.getpid()),
        "services": services,
        "sockets": str(home.sockets),
        "pg_bin": str(postgres.binaries.bin) if postgres else None,
    }
    draft = home.path / "ready.new"
    draft.write_text(json.dumps(facts))
    draft.rename(home.ready)


def taken(lock: int, patience: float = 0.0) -> bool:
    """Try for an exclusive lock, for so many seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)


def tell(report: int, line: str) -> int:
    """One line to the client that started us; it may be gone by now."""
    try:
        os.write(report, line.encode() + b"\n")
    except OSError:
        return 1
    return 0


class _Stop(BaseException):
    """SIGTERM arrived."""


def _asked_to_stop(*_: object) -> None:
    raise _Stop


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
