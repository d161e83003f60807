"""Papers lie under the home sealed, bound to their owner, whole or not at all, and go when nobody names them."""

from __future__ import annotations

import os
import time

import pytest

from core.security import sealed_files
from core.security.crypto import WrongPlace
from core.security.sealed_files import FileGone
from core.whole_files import write_whole

SECRET = b"900101-1234567 and a face"


def test_a_file_opens_for_its_owner_and_the_disk_shows_nothing(app):
    name = sealed_files.keep("tests", 7, SECRET)
    assert sealed_files.opened("tests", 7, name) == SECRET
    (path,) = (app.extensions["dolbom"].settings.home / "uploads" / "sealed" / "tests" / "7").glob(name)
    assert SECRET[:14] not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert sealed_files.keep("tests", 7, SECRET) != name


def test_a_file_moved_or_altered_does_not_open(app):
    name = sealed_files.keep("tests", 8, SECRET)
    home = app.extensions["dolbom"].settings.home / "uploads" / "sealed" / "tests"
    content = (home / "8" / name).read_bytes()
    write_whole(home / "9" / name, content)
    with pytest.raises(WrongPlace, match="another owner"):
        sealed_files.opened("tests", 9, name)
    for broken in (content[:-1], content[:-1] + bytes([content[-1] ^ 1]), b"plain", b""):
        write_whole(home / "8" / name, broken)
        with pytest.raises(WrongPlace):
            sealed_files.opened("tests", 8, name)


@pytest.mark.parametrize("name", ["0" * 32, "../../secrets/flask", "", "x" * 32])
def test_what_is_not_there_is_said_and_no_path_leaves_the_folder(app, name):
    with pytest.raises(FileGone):
        sealed_files.opened("tests", 1, name)


def test_files_nobody_names_go_but_not_those_just_coming(app):
    named, orphan, fresh = (sealed_files.keep("swept", 5, b"x") for _ in range(3))
    folder = app.extensions["dolbom"].settings.home / "uploads" / "sealed" / "swept" / "5"
    old = time.time() - sealed_files.SETTLED - 60
    for name in (named, orphan):
        os.utime(folder / name, (old, old))
    assert sealed_files.sweep("swept", lambda owners: {(owner, named) for owner in owners}) == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted([named, fresh])
    sealed_files.remove("swept", 5, named)
    sealed_files.remove("swept", 5, named)
    assert not (folder / named).exists()


def test_a_failed_writing_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"before")
    monkeypatch.setattr(os, "fsync", lambda number: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert [one.name for one in path.parent.iterdir()] == ["file"]
