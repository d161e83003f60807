"""The embedded PostgreSQL as a child of the guardian: start it, know when it is ready, stop it."""

from __future__ import annotations

import signal
import subprocess

from core.db.servers import cluster, leftovers, processes
from core.db.servers.binaries import find_postgres
from core.db.servers.home import Home
from core.errors import ServerError


class PostgresServer:
    """One cluster in `<home>/pg`."""

    name = "postgres"
    patience = 1800.0  # recovery after a crash on a slow disk must not be cut short

    def __init__(self, home: Home, chosen: str | None, durable: bool) -> None:
        self.home = home
        self.log = processes.Log(home.logs / "postgres.log")
        self.durable = durable
        self.binaries = find_postgres(chosen, home.data)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Create the cluster if there is none, then start the server (`ready` tells when it answers)."""
        if not (self.home.data / "PG_VERSION").exists():
            cluster.create(self.home, self.binaries, self.durable)
        leftovers.end_postgres(self.home)
        cluster.configure(self.home, self.durable)
        cluster.give(self.home, self.home.data, self.binaries)
        prefix = processes.as_unprivileged() + processes.bound_to_parent("INT")
        server = [
            str(self.binaries.bin / "postgres"),
            "-D",
            str(self.home.data),
            "-k",
            str(self.home.sockets),
        ]
        self.process = processes.start([*prefix, *server], self.log)

    def ready(self) -> bool:
        """PostgreSQL writes `ready` on line 8 of its pid file; line 1 must be our child."""
        try:
            lines = (self.home.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and lines[7:8] == ["ready   "]

    def stop(self) -> None:
        """Fast stop (INT): TERM would wait for clients. Then without a checkpoint, then by force."""
        if self.process:
            processes.end(self.process, [(signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)])

    def failure(self, otherwise: str) -> ServerError:
        """Made of the log since the last start."""
        return cluster.explained(self.home, "PostgreSQL", self.log.since_start() or otherwise)
