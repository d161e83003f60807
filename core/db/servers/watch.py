"""Keep one server running: wait until it answers, start it again when it dies, ever more slowly."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

from core.errors import ServerError

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0  # between two restarts of a server that keeps dying
HEALTHY = 60.0  # a server that lived that long starts again at once


class Server(Protocol):
    """What the guardian needs to know of a server."""

    name: str
    patience: float
    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Start it as a child of this process."""

    def ready(self) -> bool:
        """Whether it answers."""

    def stop(self) -> None:
        """End it in order, and wait."""

    def failure(self, otherwise: str) -> ServerError:
        """The refusal made of its last words, or of `otherwise` when it left none."""


class Watch:
    """One server and its restarts."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.pause = 0.0
        self.started = time.monotonic()
        self.due: float | None = None

    def look(self) -> None:
        """Start the server again when it died and its pause is over."""
        now = time.monotonic()
        process = self.server.process
        if self.due is None and process and process.poll() is not None:
            steady = now - self.started > HEALTHY
            self.pause = 0.0 if steady else min(LONGEST_PAUSE, max(FIRST_PAUSE, self.pause * 2))
            self.due = now + self.pause
            say(f"{self.server.name} ended ({process.returncode}); starting it again in {self.pause:.2f} s")
        if self.due is not None and now >= self.due:
            self.due, self.started = None, now
            try:
                self.server.start()
            except (ServerError, OSError) as error:
                say(f"{self.server.name} cannot be started again: {error}")
                self.due = now + LONGEST_PAUSE


def await_ready(server: Server) -> None:
    """Wait until it answers; raise its last words when it ends instead."""
    deadline = time.monotonic() + server.patience
    while not server.ready():
        if server.process and server.process.poll() is not None:
            raise server.failure("it gave no reason")
        if time.monotonic() > deadline:
            raise server.failure(f"it was not ready after {server.patience:.0f} s")
        time.sleep(0.01)


def say(line: str) -> None:
    """One line into the guardian's log; a full disk must not end the guardian and with it the database."""
    try:
        print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), line, file=sys.stderr, flush=True)
    except OSError:
        return


def shorten(log: Path, limit: int = 16 * 2**20) -> None:
    """Keep one older part of a log that grew long; its writers append, so it may be emptied under them."""
    if log.exists() and log.stat().st_size > limit:
        older = log.with_suffix(".log.1")
        older.write_bytes(log.read_bytes()[-limit:])
        with log.open("r+b") as file:
            file.truncate(0)
