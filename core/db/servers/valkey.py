"""The embedded Valkey: the bell of the job queue, with an append-only file so that it survives a kill."""

from __future__ import annotations

import signal
import socket
import subprocess

from core.db.servers import leftovers, processes
from core.db.servers.binaries import find_valkey
from core.db.servers.cluster import explained
from core.db.servers.home import Home
from core.errors import ServerError

DATABASES = 64  # one for each parallel test worker and to spare


class ValkeyServer:
    """One Valkey (or Redis) on a private unix socket."""

    name = "valkey"
    patience = 600.0  # a long append-only file

    def __init__(self, home: Home, chosen: str | None) -> None:
        self.home = home
        self.log = processes.Log(home.logs / "valkey.log")
        self.binary = find_valkey(chosen)
        self.socket = home.sockets / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; `ready` tells when the append-only file is loaded."""
        self.home.valkey.mkdir(mode=0o700, exist_ok=True)
        leftovers.end_valkey(self.home)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home.valkey),
            "appendonly": "yes",
            # Every write is with the kernel before it is answered, so no kill loses one. `everysec` keeps
            # writes back while a slow disk syncs. A power cut may lose bells: the outbox rings them again.
            "appendfsync": "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "databases": str(DATABASES),
            "hz": "1",  # one look a second at what expires: an idle office should cost nothing
            "daemonize": "no",
        }
        arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
        self.process = processes.start(
            [*processes.bound_to_parent("TERM"), self.binary, *arguments], self.log
        )

    def ready(self) -> bool:
        """PING answers +PONG; while loading it answers an error."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """TERM writes out the append-only file and ends."""
        if self.process:
            processes.end(self.process, [(signal.SIGTERM, 20), (signal.SIGKILL, 10)])

    def failure(self, otherwise: str) -> ServerError:
        """Made of the log since the last start."""
        return explained(self.home, "Valkey", self.log.since_start() or otherwise)
