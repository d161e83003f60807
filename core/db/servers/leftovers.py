"""Clear what servers of an earlier guardian left behind: processes on their way out, pid files, sockets.

Only the guardian calls these, under its lock: whatever still runs on the home's data has lost its parent.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from core.db.servers import processes
from core.db.servers.home import Home
from core.db.servers.refusals import StartFailed

Steps = Sequence[tuple[signal.Signals | None, float]]
# A killed postmaster's backends end by themselves unless they are deep in a query.
BACKENDS: Steps = ((None, 0.5), (signal.SIGQUIT, 3), (signal.SIGKILL, 3))
POSTMASTER: Steps = ((None, 3), (signal.SIGINT, 30), (signal.SIGQUIT, 10))
VALKEY: Steps = ((None, 3), (signal.SIGTERM, 10), (signal.SIGKILL, 3))


def end_postgres(home: Home) -> None:
    """PostgreSQL would refuse to start while its pid file names any live process, and numbers are reused."""
    pid = _postmaster(home.data)
    if pid:
        _end([pid], POSTMASTER, "PostgreSQL")
    _end(list(processes.working_in(home.data, ("postgres",))), BACKENDS, "PostgreSQL")
    (home.data / "postmaster.pid").unlink(missing_ok=True)
    for path in home.sockets.glob(".s.PGSQL.*"):
        path.unlink(missing_ok=True)


def end_valkey(home: Home) -> None:
    """Two servers must never append to one file; and an ending one takes the new one's socket away."""
    _end(list(processes.working_in(home.valkey, ("valkey-server", "redis-server"))), VALKEY, "Valkey")
    (home.sockets / "valkey.sock").unlink(missing_ok=True)


def _postmaster(data: Path) -> int | None:
    """The pid file's process if it is really a PostgreSQL on this data."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    command = processes.command_line(pid)
    return pid if command and command[0].endswith("postgres") and str(data) in command else None


def _end(pids: list[int], steps: Steps, what: str) -> None:
    for number, patience in steps:
        for pid in pids if number else ():
            try:
                os.kill(pid, number or 0)
            except ProcessLookupError:
                continue
        if processes.wait_gone(pids, patience):
            return
    raise StartFailed(
        f"an earlier {what} (process {pids[0]}) does not end; stop it with: kill -KILL {pids[0]}"
    )
