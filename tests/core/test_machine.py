"""A machine that will not do, met from the command line: one line says so, nothing is begun, nothing stays half-done.

Disks are mounted in a namespace of the command's own, so that the same is tried by root and by an ordinary user.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from core.config import ROOT

ALONE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount"]
ON_A_DISK = """
set -e
size=$1 option=$2 disk=$3; shift 3
mount -t tmpfs -o size=$size,mode=700 tmpfs "$disk"
mkdir "$disk/home"
mount -o "remount,$option" "$disk"
code=0; "$@" || code=$?
ls -A "$disk/home"
exit $code
"""


def environment(home, **more):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DOLBOM_", "DATABASE", "REDIS"))}
    return kept | {"PYTHONPATH": str(ROOT), "DOLBOM_ENV": "test", "DOLBOM_HOME": str(home), **more}


def run(command, home, **more):
    return subprocess.run(
        command, env=environment(home, **more), cwd=home.parent, capture_output=True, text=True, check=False
    )


def dolbom(*words, home, **more):
    return run([sys.executable, "-m", "core.cli", *words], home, **more)


def refused(done, code, *says):
    """The one line of a refused command."""
    assert done.returncode == 2, done.stdout + done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith(f"error [{code}]: ")
    for words in says:
        assert words in line
    return line


@pytest.mark.parametrize("command", ["up", "serve"])
def test_a_port_in_use_is_named_before_anything_is_begun(tmp_path, command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = dolbom(command, home=tmp_path / "home", HOST="127.0.0.1", PORT=str(port))
    refused(done, "up.port-taken", f"127.0.0.1:{port} cannot be used", "in use", "set PORT to a free one")
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == [], "not even the home was made"


def on_a_disk(tmp_path, size, option, *words):
    """A command whose home lies on a disk of its own; what is in the home afterwards stands in its output."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["sh", "-c", ON_A_DISK, "sh", size, option, str(disk), sys.executable, "-m", "core.cli", *words]
    done = run([*ALONE, *command], disk / "home")
    if done.returncode and any(line.startswith(("unshare:", "mount:")) for line in done.stderr.splitlines()):
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    return done


def test_a_home_on_a_read_only_disk(tmp_path):
    done = on_a_disk(tmp_path, "1m", "ro", "init", "--demo", "none")
    refused(done, "server.home-not-writable", "read-only file system", "must be a folder this user may write to")
    assert done.stdout == "", "the home is as empty as it was"


def test_a_home_on_a_disk_without_room(tmp_path):
    done = on_a_disk(tmp_path, "20m", "rw", "init", "--demo", "none")
    refused(done, "server.disk-full", str(tmp_path / "disk" / "home"), "free some space or choose another DOLBOM_HOME")
    assert not {"pg", "pg.new", "pg.password", "ready"} & set(done.stdout.split()), "no half of a database"


def test_a_home_on_a_disk_that_is_full_to_the_last_byte(tmp_path):
    done = on_a_disk(tmp_path, "4k", "rw", "init", "--demo", "none")
    refused(done, "server.disk-full", "free some space or choose another DOLBOM_HOME")
    assert not {"pg", "pg.new", "pg.password", "ready"} & set(done.stdout.split())


FAILING = """
import sys
from core.commands.session import guarded

@guarded
def command():
    raise eval(sys.argv[1])

command()
"""


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("OSError(28, 'No space left on device', '/x/report.csv')", "/x/report.csv: No space left on device; free some space"),
        ("OSError(30, 'Read-only file system', '/x')", "/x: Read-only file system; this user must be able to write there"),
    ],
)
def test_what_the_system_refuses_says_what_to_do(tmp_path, error, says):
    done = run([sys.executable, "-c", FAILING, error], tmp_path / "home")
    refused(done, "os", says)
