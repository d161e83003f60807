"""Web servers under test and clients that ask them: started here, ended here, on this computer's loopback only."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ("--config", "core/web/gunicorn.py", "wsgi:app")
PATIENCE = 180.0


@dataclass(frozen=True)
class Server:
    """A web server that answers."""

    port: int
    pid: int
    seconds_to_first_page: float

    def workers(self) -> list[int]:
        """Process ids of its workers."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


class NoAnswer(RuntimeError):
    """A server of a bench did not answer, or not as it should."""


@contextmanager
def served(arguments: Sequence[str], environ: Mapping[str, str], first_page: str) -> Iterator[Server]:
    """gunicorn on a free port, timed from its process start to its first page; ended with all it started."""
    port = _free_port()
    # The shell of a person may say anything; the port is ours.
    command = [sys.executable, "-m", "gunicorn", *arguments, "--bind", f"127.0.0.1:{port}"]
    began = time.perf_counter()
    server = subprocess.Popen(command, cwd=ROOT, env={**environ, "PORT": str(port)}, start_new_session=True,
                              stdin=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait(server, port, first_page)
        yield Server(port, server.pid, time.perf_counter() - began)
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int, path: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            status = get(port, path)
        except OSError:
            time.sleep(0.01)
            continue
        if status != 200:
            raise NoAnswer(f"{path} answered {status}")
        return
    raise NoAnswer(f"no page within {PATIENCE:.0f} s; exit code {server.poll()}")


def get(port: int, path: str, cookie: str = "") -> int:
    """Ask once over a new connection; gives the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        return ask(connection, path, cookie)
    finally:
        connection.close()


def ask(connection: http.client.HTTPConnection, path: str, cookie: str = "") -> int:
    """Ask over an open connection and read the whole page."""
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def rate(port: int, path: str, cookies: Sequence[str], seconds: float, clients: int = 8) -> float:
    """Pages a second that several clients get, each asking again as soon as it has its page."""

    def client(number: int) -> int:
        mine = cycle(cookies[number::clients] or [""])
        connection, count = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0
        while time.perf_counter() < end:
            status = ask(connection, path, next(mine))
            if status != 200:
                raise NoAnswer(f"{path} answered {status}")
            count += 1
        connection.close()
        return count

    began = time.perf_counter()
    end = began + seconds
    with ThreadPoolExecutor(clients) as pool:
        answered = sum(pool.map(client, range(clients)))
    return answered / (time.perf_counter() - began)


def pss_mib(pid: int) -> float:
    """Proportional memory of a process: pages shared by n processes count a nth."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) for row in lines if row.startswith("Pss:")) / 1024
