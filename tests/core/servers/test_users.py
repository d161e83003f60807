"""The same servers for root, for an ordinary user, and where root may not map users."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.config import ROOT
from core.db.servers import attach
from core.db.servers.home import nobody
from core.db.servers.refusals import HomeNotWritable

from .lab import Lab, answers, eventually, rows, settings_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
INSTALLED = Path("/usr/lib/postgresql")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other accounts can reach; pytest's own is closed to them."""
    path = Path(tempfile.mkdtemp(prefix="dolbom-users-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def no_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that forbids user namespaces: `unshare` fails."""
    (tmp_path / "bin").mkdir()
    refusing = tmp_path / "bin" / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare: Operation not permitted' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")


def owner_of(pid: int) -> int:
    """The account a process runs as, seen from outside."""
    return Path(f"/proc/{pid}").stat().st_uid


def test_root_keeps_its_files_and_postgres_has_no_root_rights(lab: Lab) -> None:
    with attach(lab.settings) as attached:
        assert owner_of(lab.postmaster) == 0
        assert lab.home.data.stat().st_uid == 0
        status = Path(f"/proc/{lab.postmaster}/status").read_text()
        mapped = Path(f"/proc/{lab.postmaster}/uid_map").read_text().split()
        assert mapped == [str(nobody().pw_uid), "0", "1"]
        assert "CapEff:\t0000000000000000" in status
        assert answers(attached.servers.owner_url)


@pytest.mark.usefixtures("no_namespaces")
def test_without_user_namespaces_nobody_runs_postgres(open_folder: Path) -> None:
    lab = Lab(open_folder / "home")
    with attach(lab.settings) as attached:
        assert owner_of(lab.postmaster) == nobody().pw_uid
        assert answers(attached.servers.app_url)
        rows(attached.servers.owner_url, "create table public.kept (x int)")
        assert (lab.home.path / "secrets").stat().st_mode & 0o077 == 0
        assert lab.home.data.stat().st_mode & 0o077 == 0
        lab.kill(lab.guardian)
        eventually(lambda: not lab.processes())
    lab.close()


@pytest.mark.usefixtures("no_namespaces")
def test_without_user_namespaces_a_closed_folder_is_named(lab: Lab) -> None:
    with pytest.raises(HomeNotWritable, match=r"is closed to the account nobody.*chmod o\+x /"):
        attach(lab.settings)


def test_data_moves_between_the_two_ways(
    open_folder: Path, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Lab(open_folder / "home")
    shutil.copytree(lab.home.path, moved.home.path)
    with monkeypatch.context() as patch:
        (open_folder / "bin").mkdir()
        (open_folder / "bin" / "unshare").write_text("#!/bin/sh\nexit 1\n")
        (open_folder / "bin" / "unshare").chmod(0o755)
        patch.setenv("PATH", f"{open_folder / 'bin'}:{os.environ['PATH']}")
        with attach(moved.settings) as attached:
            assert owner_of(moved.postmaster) == nobody().pw_uid
            assert answers(attached.servers.owner_url)
        moved.close()
    with attach(moved.settings) as attached:
        assert owner_of(moved.postmaster) == 0
        assert answers(attached.servers.owner_url)
    moved.close()


def test_an_ordinary_user_needs_nothing_special(open_folder: Path) -> None:
    """With an interpreter and a home that user can reach."""
    interpreter = next(
        (p for p in ("/usr/bin/python3.11", "/usr/bin/python3") if os.access(p, os.X_OK)), None
    )
    packages = next(p for p in sys.path if p.endswith("site-packages"))
    if not interpreter or subprocess.run([interpreter, "-c", "import tomllib"], check=False).returncode:
        pytest.skip("no Python 3.11 or newer outside root's folders: apt-get install python3")
    os.chown(open_folder, nobody().pw_uid, nobody().pw_gid)
    script = (
        "import psycopg; from core.config import load_settings; from core.db.servers import attach\n"
        "with attach(load_settings()) as attached:\n"
        "    print(psycopg.connect(attached.servers.app_url).execute('select 1').fetchone())"
    )
    environ = {
        "PATH": os.environ["PATH"], "DOLBOM_ENV": "test", "DOLBOM_HOME": str(open_folder / "home"),
        "PYTHONPATH": f"{ROOT}:{packages}", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    become = ["setpriv", f"--reuid={nobody().pw_uid}", f"--regid={nobody().pw_gid}", "--clear-groups", "--"]
    done = subprocess.run(
        [*become, interpreter, "-c", script],
        env=environ,
        cwd="/",
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("(1,)\n", "")
    lab = Lab(open_folder / "home")
    assert (open_folder / "home" / "pg").stat().st_uid == nobody().pw_uid
    lab.close()


@pytest.mark.parametrize("folder", sorted(INSTALLED.glob("*/bin")), ids=lambda path: path.parent.name)
def test_an_installed_postgres_serves_where_the_wheel_is_missing(empty: Lab, folder: Path) -> None:
    with attach(settings_for(empty.home.path, DOLBOM_PG_BIN=str(folder))) as attached:
        assert attached.servers.pg_bin == folder
        assert rows(attached.servers.owner_url, "select upper('zażółć'), 'a' < 'B'") == [("ZAŻÓŁĆ", False)]
        with psycopg.connect(attached.servers.owner_url) as connection:
            assert connection.info.server_version // 10000 == int(folder.parent.name)
