"""The parts of `dolbom up` end with it, however it ends, and a part that fails by itself is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.config import ROOT

SCRIPT = r"""
import os, sys, time
from core.commands import children
from core.commands.session import guarded

def idle():
    os.write(1, f"{os.getpid()}\n".encode())  # one write: two parts share the pipe
    time.sleep(600)

def broken():
    raise SystemExit(3)

@guarded
def up():
    children.watch([children.start(name, globals()[name]) for name in sys.argv[1:]])

up()
"""


@pytest.fixture
def up():
    """Start parts by name; gives the parent, and the process numbers of those that idle."""
    running = []

    def _up(*parts):
        parent = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *parts], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        running.append(parent)
        assert parent.stdout is not None
        return parent, [int(parent.stdout.readline()) for part in parts if part == "idle"]

    yield _up
    for parent in running:
        parent.kill()
        parent.communicate()


def gone(pids, seconds=60):
    """Whether none of the processes is left soon; one that is dead but not yet fetched counts as gone."""

    def alive(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False

    deadline = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def listens(parent, seconds=60):
    """Wait until it has set its handlers, the hang-up last."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = Path(f"/proc/{parent.pid}/status").read_text().splitlines()
        caught = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt"))
        if caught >> (signal.SIGHUP - 1) & 1:
            return
        time.sleep(0.05)
    raise AssertionError("no handlers")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_parts_in_order(up, how):
    parent, pids = up("idle", "idle")
    listens(parent)
    parent.send_signal(how)
    assert parent.wait(60) == 0
    assert gone(pids)


def test_a_killed_parent_leaves_nothing(up):
    parent, pids = up("idle", "idle")
    parent.kill()
    parent.wait(60)
    assert gone(pids)


def test_a_part_that_ends_by_itself_ends_the_others_and_is_named(up):
    parent, pids = up("idle", "broken")
    _, said = parent.communicate(timeout=60)
    assert parent.returncode == 2
    assert "The broken ended by itself (exit code 3)" in said
    assert gone(pids)


BESIDE = r"""
import os, sys, time
from core.commands import children
from core.commands.session import guarded
children.REST = 0.2

def idle():
    os.write(1, f"idle {os.getpid()}\n".encode())
    time.sleep(600)

def short():
    os.write(1, f"short {os.getpid()}\n".encode())
    time.sleep(0.1)

@guarded
def up():
    children.watch([children.start("idle", idle)], [children.Beside("short", short)])

up()
"""


def test_a_part_beside_may_end_and_is_started_again():
    parent = subprocess.Popen(
        [sys.executable, "-c", BESIDE], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        lines = [parent.stdout.readline().split() for _line in range(4)]
        assert sorted(name for name, _pid in lines) == ["idle", "short", "short", "short"]
        assert parent.poll() is None, "the rest goes on"
        parent.send_signal(signal.SIGTERM)
        _out, said = parent.communicate(timeout=30)
    finally:
        parent.kill()
        parent.communicate()
    assert parent.returncode == 0
    assert "The short ended (exit code 0)" in said
    assert gone([int(pid) for _name, pid in lines])
