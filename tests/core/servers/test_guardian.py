"""The guardian itself: light, patient with a server that keeps dying, not to be stopped by a full disk."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from core.config import ROOT
from core.db.servers import watch
from core.db.servers.refusals import StartFailed
from core.errors import ServerError


class Dying:
    """A server that ends as soon as it starts."""

    name = "dying"
    patience = 5.0

    def __init__(self, refuses: bool = False) -> None:
        self.starts = 0
        self.refuses = refuses
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.starts += 1
        if self.refuses and self.starts > 1:
            raise StartFailed("no")
        self.process = subprocess.Popen(["false"])
        self.process.wait()

    def ready(self) -> bool:
        return False

    def stop(self) -> None:
        self.process = None

    def failure(self, otherwise: str) -> ServerError:
        return StartFailed(otherwise)


def starts_at(monkeypatch: pytest.MonkeyPatch, server: Dying, seconds: int) -> list[float]:
    """When a watch that looks four times a second starts the server, on a clock that does not wait."""
    clock = [0.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: clock[0])
    server.start()
    watched, found = watch.Watch(server), []
    while clock[0] < seconds:
        before = server.starts
        watched.look()
        if server.starts > before:
            found.append(clock[0])
        clock[0] += 0.25
    return found


def test_a_server_that_keeps_dying_is_started_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = starts_at(monkeypatch, Dying(), 300)
    pauses = [round(later - earlier, 2) for earlier, later in pairwise(moments)]
    assert moments[0] <= 0.5
    assert pauses == sorted(pauses)
    assert pauses[-1] <= watch.LONGEST_PAUSE + 0.5
    assert len(moments) < 20


def test_a_start_that_is_refused_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(starts_at(monkeypatch, Dying(refuses=True), 100)) == 4


def test_a_server_that_ran_for_long_is_started_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: clock[0])
    server = Dying()
    server.start()
    watched = watch.Watch(server)
    watched.pause = watch.LONGEST_PAUSE
    clock[0] = watch.HEALTHY + 1
    watched.look()
    assert server.starts == 2


def test_waiting_for_a_dead_server_ends_with_its_reason() -> None:
    server = Dying()
    server.start()
    with pytest.raises(StartFailed, match="it gave no reason"):
        watch.await_ready(server)


def test_a_full_disk_does_not_end_the_guardian(monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stderr", FullDisk())
    watch.say("still here")


def test_a_long_log_keeps_its_older_part(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 1000)
        watch.shorten(log, limit=100)
        writer.write(b"new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "postgres.log.1").read_bytes() == b"old\n" * 25
    watch.shorten(log, limit=100)
    assert log.read_text() == "new\n"


def test_the_guardian_loads_no_library() -> None:
    """Only the standard library: it starts before everything else (0.07 s) and stays for months."""
    script = (
        "import sys; before = set(sys.modules); import core.db.servers.guardian;"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["core"]
