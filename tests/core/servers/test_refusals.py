"""When servers cannot run, one line says why and what to do, and nothing is left behind."""

from __future__ import annotations

import os
import socket
import stat
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.servers import attach
from core.db.servers.cluster import explained
from core.db.servers.foreign import require_version
from core.db.servers.home import nobody, private, unusable
from core.db.servers.refusals import (
    BY_CODE,
    DatabaseUnreachable,
    DiskFull,
    HomeBusy,
    HomeNotOurs,
    HomeNotWritable,
    HomeTooLong,
    PostgresMissing,
    PostgresOtherMajor,
    PostgresTooOld,
    StartFailed,
    ToolMissing,
    ValkeyMissing,
)
from core.errors import ServerError

from .lab import Lab, answers, settings_for

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount and change owners")


def refusal(home: Path, kind: type[ServerError], **environ: str) -> str:
    """The one line with which attaching to a home is refused."""
    with pytest.raises(kind) as caught:
        attach(settings_for(home, **environ))
    line = str(caught.value)
    assert "\n" not in line
    assert type(caught.value).code.startswith("server.")
    return line


def program(path: Path, says: str) -> Path:
    """A program that prints one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 260 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=260m", "tmpfs", disk], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@AS_ROOT
def test_a_full_disk_at_the_first_start(small_disk: Path) -> None:
    (small_disk / "others").write_bytes(b"x" * 200 * 2**20)
    line = refusal(small_disk / "home", DiskFull)
    assert "less than 120 MB left" in line
    assert str(small_disk / "home") in line
    assert not (small_disk / "home" / "pg.new").exists()


@AS_ROOT
def test_a_disk_that_filled_up_since(small_disk: Path) -> None:
    lab = Lab(small_disk / "home")
    with attach(lab.settings) as attached:
        assert answers(attached.servers.owner_url)
    lab.close()
    with (small_disk / "others").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65536) == 65536:
                pass
        except OSError:
            pass
    assert "is full" in refusal(lab.home.path, DiskFull)
    lab.close()
    (small_disk / "others").unlink()
    with attach(lab.settings) as attached:
        assert answers(attached.servers.owner_url)
    lab.close()


@AS_ROOT
def test_a_read_only_disk(small_disk: Path) -> None:
    (small_disk / "home").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert "read-only file system" in refusal(small_disk / "home", HomeNotWritable)
    assert "must be a folder this user may write to" in refusal(small_disk / "new", HomeNotWritable)


def test_a_file_where_the_home_should_be(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    assert "file exists" in refusal(tmp_path / "home", HomeNotWritable)


@AS_ROOT
def test_a_home_of_another_user(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", nobody().pw_uid, nobody().pw_gid)
    line = refusal(tmp_path / "home", HomeNotOurs)
    assert "belongs to nobody, this process runs as root; run it as nobody" in line


def test_a_home_too_long_for_postgres(tmp_path: Path) -> None:
    deep = tmp_path / Path(*["d" * 100] * 10)
    assert f"is {len(str(deep))} bytes long; choose a path of at most 900" in refusal(deep, HomeTooLong)
    assert "a name longer than" in refusal(tmp_path / ("d" * 300), HomeTooLong)


def test_a_home_too_long_for_sockets_has_them_elsewhere(lab: Lab, tmp_path: Path) -> None:
    long = tmp_path / ("d" * 120)
    lab.home.path.rename(long)
    deep = Lab(long)
    with attach(deep.settings) as attached:
        assert answers(attached.servers.owner_url)
        assert deep.home.sockets.parent == Path("/tmp")
        assert stat.S_IMODE(deep.home.sockets.stat().st_mode) == 0o700
    deep.close()
    assert not deep.home.sockets.exists()


@AS_ROOT
def test_a_socket_folder_prepared_by_a_stranger_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "prepared"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(HomeNotOurs, match="is not a folder of root"):
        private(folder)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(HomeNotOurs):
        private(link)


def test_an_old_postgres_on_this_machine(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "postgres", "postgres (PostgreSQL) 14.9 (Debian 14.9-1)")
    program(tmp_path / "bin" / "initdb", "")
    line = refusal(tmp_path / "home", PostgresTooOld, DOLBOM_PG_BIN=str(tmp_path / "bin"))
    assert line.startswith(f"PostgreSQL 14.9 in {tmp_path / 'bin'} is too old; install 15 or newer")
    assert not {"pg", "pg.new", "ready"} & {path.name for path in (tmp_path / "home").iterdir()}


@pytest.mark.parametrize("number", [90624, 140011])
def test_an_old_postgres_behind_database_url(number: int) -> None:
    with pytest.raises(
        PostgresTooOld, match=r"DATABASE_URL: the server is PostgreSQL \d+\.\d+; Dolbom needs 15"
    ):
        require_version("DATABASE_URL", number)
    require_version("DATABASE_URL", 150000)


def told(kind: bytes, content: bytes) -> bytes:
    """One message of PostgreSQL's protocol."""
    return kind + struct.pack("!i", len(content) + 4) + content


@pytest.fixture
def old_server() -> Iterator[tuple[int, list[bytes]]]:
    """Something that speaks PostgreSQL's protocol and calls itself 14.9: its port, and what was said after its greeting."""
    greeting = told(b"R", struct.pack("!i", 0)) + told(b"S", b"server_version\00014.9\0")
    greeting += told(b"S", b"client_encoding\0UTF8\0") + told(b"K", struct.pack("!ii", 1, 1)) + told(b"Z", b"I")
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            caller, _ = listening.accept()
            with caller:
                first = caller.recv(4096)
                if len(first) == 8:  # may we speak in secret? no
                    caller.sendall(b"N")
                    caller.recv(4096)
                caller.sendall(greeting)
                while more := caller.recv(4096):
                    said.append(more)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], said
        thread.join(30)


def test_an_old_postgres_that_answers_is_refused_before_a_word_is_said_to_it(
    tmp_path: Path, old_server: tuple[int, list[bytes]]
) -> None:
    port, said = old_server
    urls = {"DATABASE_URL": f"postgresql://u@127.0.0.1:{port}/d", "REDIS_URL": "redis://127.0.0.1:1/0"}
    line = refusal(tmp_path / "home", PostgresTooOld, **urls)
    assert line == (
        "DATABASE_URL: the server is PostgreSQL 14.9; Dolbom needs 15 or newer: upgrade it, or unset DATABASE_URL for the "
        "built-in one"
    )
    assert b"".join(said) in (b"", told(b"X", b"")), "nothing but good-bye"
    assert not any((tmp_path / "home" / "secrets").iterdir())


def test_no_postgres_and_no_valkey_where_they_should_be(tmp_path: Path) -> None:
    line = refusal(tmp_path / "home", PostgresMissing, DOLBOM_PG_BIN=str(tmp_path))
    assert line.startswith(f"no PostgreSQL in {tmp_path}; run `make setup`")
    line = refusal(tmp_path / "home", ValkeyMissing, DOLBOM_VALKEY_BIN=str(tmp_path / "none"))
    assert line.startswith(f"no Valkey at {tmp_path / 'none'}; run `make setup`")


def test_data_of_another_major_version(tmp_path: Path) -> None:
    (tmp_path / "home" / "pg").mkdir(parents=True)
    (tmp_path / "home" / "pg" / "PG_VERSION").write_text("13\n")
    line = refusal(tmp_path / "home", PostgresOtherMajor)
    assert "was made by PostgreSQL 13 but only" in line


def test_without_setpriv_nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    line = refusal(tmp_path / "home", ToolMissing, DATABASE_URL="postgresql://u@h/d")
    assert line == "the program setpriv is missing; install the package util-linux"


def test_an_unreachable_database_url_is_named_without_its_password(tmp_path: Path) -> None:
    environ = {
        "DATABASE_URL": "postgresql://keeper:hush@127.0.0.1:1/town",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    line = refusal(tmp_path / "home", DatabaseUnreachable, **environ)
    assert line.startswith("DATABASE_URL (127.0.0.1/town): ")
    assert "refused" in line
    assert "hush" not in line


def test_a_home_in_use_with_other_settings(lab: Lab) -> None:
    with attach(settings_for(lab.home.path, REDIS_URL="redis://127.0.0.1:1/0")):
        line = refusal(lab.home.path, HomeBusy)
        assert "so valkey does not run; stop them first" in line


def test_a_broken_setting_of_the_keeper_is_quoted_from_the_log(lab: Lab) -> None:
    (lab.home.data / "postgresql.auto.conf").write_text("shared_buffers = 'plenty'\n")
    line = refusal(lab.home.path, StartFailed)
    assert line.startswith("PostgreSQL did not start: ")
    assert str(lab.home.logs) in line
    assert not lab.processes()


def test_a_broken_queue_file_is_quoted_from_the_log(lab: Lab) -> None:
    files = list((lab.home.valkey / "appendonlydir").glob("*.manifest"))
    files[0].write_text("nonsense\n")
    line = refusal(lab.home.path, StartFailed)
    assert line.startswith("Valkey did not start: ")
    assert not lab.processes()


def test_the_systems_own_words_are_translated(tmp_path: Path, lab: Lab) -> None:
    assert isinstance(
        explained(lab.home, "initdb", "x\ncould not write: No space left on device\n"), DiskFull
    )
    assert isinstance(unusable(tmp_path, OSError(28, "No space left on device")), DiskFull)
    assert isinstance(unusable(tmp_path, OSError(122, "Disk quota exceeded")), DiskFull)
    assert isinstance(unusable(tmp_path, PermissionError(13, "Permission denied")), HomeNotWritable)


def test_every_refusal_survives_the_way_from_the_guardian() -> None:
    assert set(BY_CODE.values()) >= set(ServerError.__subclasses__())
    assert len(BY_CODE) == len(ServerError.__subclasses__())
