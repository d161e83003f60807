"""The parts of `dolbom up` as children: forked, because everything is imported already, and ended with their parent.

Importing the product takes longer than all else a warm start does; three processes need it once.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess

import click

from core.commands.session import guarded
from core.config import Settings
from core.errors import DolbomError

#: Seconds a part may take to end before it is killed.
PATIENCE = 25
#: Seconds before a part that the office goes on without is started again.
REST = 5
#: prctl's number for "send me this signal when my parent's thread ends" (linux/prctl.h).
_SET_PDEATHSIG = 1


def start(name: str, part: Callable[[], None]) -> BaseProcess:
    """Run a part in a child that dies with us, in a session of its own so that Ctrl-C reaches us first."""
    child = multiprocessing.get_context("fork").Process(target=_become, args=(part, os.getpid()), name=name)
    child.start()
    return child


def _become(part: Callable[[], None], parent: int) -> None:
    os.setsid()
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # it ended before the line above: nobody would tell us any more
        return
    guarded(part)()


def wait_ready(settings: Settings, children: Sequence[BaseProcess]) -> None:
    """Wait until the web answers, or a part has ended."""
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104  compared, not bound
    for _attempt in range(600):
        if not all(child.is_alive() for child in children):
            return
        try:
            urllib.request.urlopen(f"http://{host}:{settings.port}/healthz", timeout=1).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)


class Beside:
    """A part the office goes on without: it is started again some time after it ended by itself."""

    def __init__(self, name: str, part: Callable[[], None]) -> None:
        self.name, self.part = name, part
        self.child, self.again = start(name, part), 0.0

    def look(self) -> None:
        """Start it again when it has been down for `REST` seconds."""
        if self.child.is_alive():
            return
        now = time.monotonic()
        if not self.again:
            self.again = now + REST
            click.echo(f"The {self.name} ended (exit code {self.child.exitcode}); it starts again in {REST} s.", err=True)
        elif now >= self.again:
            self.child, self.again = start(self.name, self.part), 0.0


def watch(children: Sequence[BaseProcess], beside: Sequence[Beside] = ()) -> None:
    """Wait for a signal or for a part to end, then end them all; a part that failed by itself is an error.

    What runs `beside` may end: the rest goes on, and it is started again.
    """
    ended = threading.Event()
    # A process started with & inherits an ignored INT: set both handlers ourselves.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_args: ended.set())
    while not ended.wait(0.3) and all(child.is_alive() for child in children):
        for part in beside:
            part.look()
    everyone = [*children, *(part.child for part in beside)]
    for child in everyone:
        child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in everyone:
        child.join(max(0.1, deadline - time.monotonic()))
        if child.exitcode is None:
            child.kill()
            child.join()
    failed = [child for child in children if child.exitcode not in (0, -signal.SIGTERM, -signal.SIGINT)]
    if failed and not ended.is_set():
        raise DolbomError(
            f"The {failed[0].name} ended by itself (exit code {failed[0].exitcode}); the lines above say why."
        )
