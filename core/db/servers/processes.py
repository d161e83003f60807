"""Child processes that die with the guardian, and telling one process from a later one of the same number."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from core.db.servers.home import nobody
from core.db.servers.refusals import ToolMissing

CLEAN = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")


def bound_to_parent(stop: str) -> list[str]:
    """The command prefix that makes a server receive `stop` when the guardian's main thread ends."""
    return [_tool("setpriv"), "--pdeathsig", stop, "--"]


def as_unprivileged() -> list[str]:
    """The prefix under which PostgreSQL accepts to start: it refuses to run as root.

    Must stand before `bound_to_parent`: a change of credentials clears the parent-death signal.
    """
    if os.geteuid() != 0:
        return []
    account = nobody()
    if user_namespaces_work():
        return [
            _tool("unshare"),
            "--user",
            f"--map-user={account.pw_uid}",
            f"--map-group={account.pw_gid}",
            "--",
        ]
    return [
        _tool("setpriv"),
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        "--",
    ]


@cache
def user_namespaces_work() -> bool:
    """Whether root may map itself to `nobody`; some containers forbid it."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--user", f"--map-user={nobody().pw_uid}", "--", "true"]
    return bool(unshare) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def clean_environment() -> dict[str, str]:
    """What servers may inherit: no PG* settings, no locale, no time zone of the caller."""
    kept = {name: os.environ[name] for name in CLEAN if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", "TZ": "UTC"}


class Log:
    """A server's log file, and the part of it that belongs to the latest start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begin = 0

    def since_start(self) -> str:
        """The last few kilobytes at most."""
        with self.path.open("rb") as file:
            file.seek(max(self.begin, self.path.stat().st_size - 8000))
            return file.read().decode(errors="replace")


def start(command: Sequence[str | Path], log: Log) -> subprocess.Popen[bytes]:
    """Start a server in its own session, so that Ctrl-C on a terminal does not reach it."""
    with log.path.open("ab") as file:
        log.begin = file.tell()
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=clean_environment(),
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Ask ever more strongly, each time waiting so many seconds."""
    for number, patience in signals:
        if process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                continue


def born(pid: int) -> str | None:
    """When a process began, in clock ticks since boot: with its number, an identity that is never reused."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def command_line(pid: int) -> list[str]:
    """The arguments a live process was started with; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def working_in(folder: Path, names: Sequence[str]) -> Iterator[int]:
    """Live processes of such names whose working directory is `folder`."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder and (entry / "comm").read_text().strip() in names:
                    yield int(entry.name)
            except OSError:
                continue


def wait_gone(pids: Sequence[int], patience: float) -> bool:
    """True when all of them ended within that many seconds."""
    deadline = time.monotonic() + patience
    while any(born(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _tool(name: str) -> str:
    path = shutil.which(name)
    if not path:
        raise ToolMissing(f"the program {name} is missing; install the package util-linux")
    return path
