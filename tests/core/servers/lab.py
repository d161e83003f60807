"""A home to break and the processes around it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import redis

from core.config import ROOT, Settings, load_settings
from core.db.servers import processes
from core.db.servers.home import Home

USER = """
import json, sys
from core.config import load_settings
from core.db.servers import attach
attached = attach(load_settings())
print(json.dumps({"owner": attached.servers.owner_url, "redis": attached.servers.redis_url}), flush=True)
sys.stdin.read()
attached.close()
"""


def settings_for(home: Path, **environ: str) -> Settings:
    """Test settings for one home; nothing of the developer's environment leaks in."""
    return load_settings({"DOLBOM_ENV": "test", "DOLBOM_HOME": str(home), **environ})


def eventually(true: Callable[[], bool], seconds: float = 180) -> float:
    """Wait for it and return how long that took; generous, because test machines stall."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - begun


class Lab:
    """A home and the processes that belong to it."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        self.settings = settings_for(home)
        self.users: list[subprocess.Popen[str]] = []

    def user(self, prefix: tuple[str, ...] = (), **options: Any) -> subprocess.Popen[str]:
        """Another process that attaches and stays until its standard input closes."""
        environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DOLBOM_ENV": "test",
            "DOLBOM_HOME": str(self.home.path),
        }
        process = subprocess.Popen(
            [*prefix, sys.executable, "-c", USER], cwd=ROOT, env=environ, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options,
        )  # fmt: skip
        self.users.append(process)
        return process

    @staticmethod
    def addresses(user: subprocess.Popen[str]) -> dict[str, str]:
        """What the user printed once it was attached."""
        assert user.stdout
        return dict(json.loads(user.stdout.readline()))

    @property
    def guardian(self) -> int:
        """The living guardian's process."""
        return int(json.loads(self.home.ready.read_text())["pid"])

    @property
    def postmaster(self) -> int:
        """PostgreSQL's first process."""
        return int((self.home.data / "postmaster.pid").read_text().split()[0])

    def succeeded(self, old: int) -> bool:
        """Whether another PostgreSQL runs than `old`; between the two there is no file, or an empty one."""
        try:
            return self.postmaster != old
        except (FileNotFoundError, IndexError):
            return False

    @property
    def valkey(self) -> int:
        """Valkey's process."""
        return next(processes.working_in(self.home.valkey, ("valkey-server", "redis-server")))

    def processes(self) -> list[int]:
        """Everything that runs for this home: the guardian and whatever works in its folders."""
        mine = str(self.home.path)
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and processes.born(int(entry.name)):
                try:
                    here = str((entry / "cwd").readlink())
                except OSError:
                    continue
                if here == mine or here.startswith(mine + "/"):
                    found.append(int(entry.name))
        return found

    def kill(self, pid: int) -> None:
        """kill -9, and wait until the process is really dead."""
        assert pid in self.processes()
        os.kill(pid, signal.SIGKILL)
        assert processes.wait_gone([pid], 10)

    def close(self) -> None:
        """End the users, wait for the servers, and remove what is left."""
        for user in self.users:
            if user.poll() is None:
                user.kill()
            with user:  # closes its pipes
                user.wait()
        eventually(lambda: not self.processes(), 60)


def rows(address: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement in its own connection and transaction."""
    with psycopg.connect(address, connect_timeout=60) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def answers(address: str) -> bool:
    """Whether PostgreSQL lets us in."""
    try:
        return rows(address, "select 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def rings(address: str) -> bool:
    """Whether Valkey answers."""
    with redis.Redis.from_url(address) as bell:
        try:
            return bool(bell.ping())
        except redis.RedisError:
            return False
