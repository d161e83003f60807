"""Backups that cannot be changed unnoticed, restores that refuse in time, drills that would notice a fault."""

from __future__ import annotations

import json
import os
import resource
import shutil
import stat
import zipfile
from dataclasses import asdict, replace
from types import SimpleNamespace

import psycopg
import pytest
import sqlalchemy as sa

from core.app import create_app
from core.db.backup import Proof, backup, container, drill, making, restore, tools
from core.db.backup.comparing import compare
from core.db.backup.refusals import (
    Differs,
    HomeNotEmpty,
    InTheWay,
    NoRoom,
    NotABackup,
    OtherOwner,
    OtherVersion,
    RightMissing,
    ToolFailed,
)
from core.db.backup.report import Report
from core.db.backup.restoring import _require_fresh, empty
from core.db.backup.snapshot import Snapshot, snapshot
from core.db.base import db
from core.db.servers import attach
from core.host.running import running
from core.regions import tree
from core.security import scope as scopes

pytestmark = pytest.mark.slow


@pytest.fixture
def made(app, world, tmp_path):
    """A backup of the test world, with an upload and a key in the home."""
    home = running().settings.home
    shutil.rmtree(home / "uploads", ignore_errors=True)  # what other tests of this worker handed in
    (home / "uploads" / "photos").mkdir(parents=True, exist_ok=True)
    (home / "uploads" / "photos" / "사진 1.jpg").write_bytes(os.urandom(3000))
    (home / "keys").mkdir(exist_ok=True)
    planted = home / "keys" / "0001-00000000.key"
    planted.write_text("PLANTED-KEY\n")
    file = tmp_path / "dolbom.backup"
    yield file, backup(running(), file)
    shutil.rmtree(home / "uploads")
    planted.unlink()  # others of this worker seal with the keys beside it


def elsewhere(tmp_path, **changed):
    return replace(running().settings, home=tmp_path / "second", **changed)


def repacked(file, target, change):
    """The same backup with another manifest, properly sealed: what a faulty program would write."""
    with container.reading(file) as old, container.writing(target) as new:
        for name in old.archive.namelist():
            if name == container.MANIFEST:
                facts = old.facts
                change(facts)
            else:
                new.stream(name, [old.archive.read(name)])
        new.manifest(
            {key: value for key, value in facts.items() if key != "format"} | {"format": facts["format"]}
        )
    return target


def test_a_backup_is_whole_private_and_holds_no_key(made):
    file, report = made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert report.ok
    assert report.bytes == file.stat().st_size
    assert {line.name for line in report.tables} >= {"core.region", "core.change", "core.alembic_version"}
    assert next(line.rows for line in report.tables if line.name == "core.region") == 6
    assert any("key files" in line for line in report.warnings)
    with container.reading(file) as found:
        assert sorted(found.archive.namelist()) == [
            "database.dump",
            "manifest.json",
            "uploads/photos/사진 1.jpg",
        ]
        assert "0001-00000000.key" in found.facts["keys"]
        assert found.facts["modules"]["core"].startswith("core_")
    assert b"PLANTED-KEY" not in file.read_bytes()
    json.dumps(asdict(report))


def test_restore_brings_a_working_installation_back(made, tmp_path):
    file, _ = made
    settings = elsewhere(tmp_path)
    try:
        report = restore(file, settings)
        assert report.ok, report.differences
        assert report.uploads == 1
        assert any("0001-00000000.key" in line for line in report.warnings)
        photo = "uploads/photos/사진 1.jpg"
        assert (settings.home / photo).read_bytes() == (running().settings.home / photo).read_bytes()
        assert not (settings.home / "restore.dump").exists()
        with attach(settings) as attached:
            app = create_app(settings, servers=attached.servers)
            with app.app_context():
                with scopes.system("look"):
                    assert db.session.scalar(sa.select(sa.func.count()).select_from(tree.Region)) == 6
                    tree.create(
                        "XB", level="country", names={"en": "New"}, parent=None,
                        timezone="UTC", currency="EUR", languages=["en"],
                    )  # fmt: skip
                    db.session.commit()
                with scopes.public(), pytest.raises(sa.exc.ProgrammingError):
                    db.session.execute(sa.text("select * from core.account"))
                for engine in db.engines.values():
                    engine.dispose()
        with pytest.raises(HomeNotEmpty, match="choose another DOLBOM_HOME"):
            restore(file, settings)
    finally:
        empty(settings.home, set())


def test_a_drill_proves_cleans_up_and_would_notice(made, tmp_path):
    """Rows written while the dump runs are not in it: counts and dump are of one moment."""
    file, _ = made
    report = drill(running(), file, proofs=[Proof("trial balance", lambda settings, servers: [])])
    assert report.ok, report.differences
    assert report.action == "drill"
    assert report.proofs == {"trial balance": []}
    assert {name.split(": ")[1] for name in report.controls} >= {
        "a row lost",
        "a trigger added",
        "a right given away",
    }
    assert all(report.controls.values())
    assert not list(running().settings.home.glob("drill-*")), "the copy is gone with its servers"


def test_a_planted_difference_fails_the_drill_and_undoes_a_restore(made, tmp_path):
    file, _ = made

    def plant(facts):
        facts["tables"]["core.region"]["rows"] += 1
        facts["tables"]["core.place"]["sum"] = "0:0"
        facts["structure"]["core.post"].remove("row security true, forced true")
        facts["sequences"]["core.change_id_seq"] = 10**9

    planted = repacked(file, tmp_path / "planted.backup", plant)
    report = drill(running(), planted)
    assert not report.ok
    assert [line.name for line in report.tables if not line.same] == ["core.place", "core.region"]
    text = "\n".join(report.differences)
    for part in (
        "core.region: 6 rows instead of 7",
        "core.place",
        "core.post: new: row security",
        "is behind 1000000000",
    ):
        assert part in text
    settings = elsewhere(tmp_path)
    settings.home.mkdir()
    (settings.home / "config.toml").write_text("")
    with pytest.raises(Differs, match="4 differences and was removed"):
        restore(planted, settings)
    assert [path.name for path in settings.home.iterdir()] == ["config.toml"]


def test_a_proof_with_findings_fails_the_drill():
    report = Report("drill", "x")
    report.proofs["replay"] = ["rank 7 differs"]
    assert not report.judge().ok
    report = Report("drill", "x", controls={"a row lost": False})
    assert not report.judge().ok, "a blind comparison proves nothing"


def test_everything_wrong_is_refused_before_anything_is_touched(made, tmp_path):
    file, _ = made
    whole = file.read_bytes()
    bad = tmp_path / "bad.backup"
    settings = elsewhere(tmp_path)
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        bad.write_bytes(whole[:length])
        with pytest.raises(NotABackup, match="copy"):
            restore(bad, settings)
    for position in (0, 10, 27, 1000, len(whole) // 2, len(whole) - 200, len(whole) - 70, len(whole) - 1):
        bad.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(NotABackup):
            restore(bad, settings)
    bad.write_bytes(whole + b"x")
    with pytest.raises(NotABackup):
        restore(bad, settings)
    with pytest.raises(NotABackup, match="name a file you may read"):
        restore(tmp_path / "none", settings)
    refusals = {
        "another format": (OtherVersion, "has format 2", lambda facts: facts.update(format=2)),
        "a revision from the future": (
            OtherVersion,
            "core_9999",
            lambda facts: facts["modules"].update(core="core_9999"),
        ),
        "a newer PostgreSQL": (OtherVersion, "PostgreSQL 99", lambda facts: facts.update(postgres=990000)),
    }
    for what, (kind, words, change) in refusals.items():
        planted = repacked(file, tmp_path / f"{what}.backup", change)
        with pytest.raises(kind, match=words):
            restore(planted, settings)
    assert not settings.home.exists(), "not even the folder was made"


def test_an_upload_that_would_leave_its_folder_is_refused(made, tmp_path):
    file, _ = made
    evil = tmp_path / "evil.backup"
    with container.reading(file) as old, container.writing(evil) as new:
        new.stream(container.DUMP, [old.archive.read(container.DUMP)])
        new.stream("uploads/../../evil", [b"x"])
        new.manifest({key: value for key, value in old.facts.items() if key != "format"})
    with pytest.raises(NotABackup, match="outside the uploads"):
        restore(evil, elsewhere(tmp_path))
    assert not (tmp_path / "second").exists()


def test_a_home_with_anything_in_it_is_refused_but_what_operators_bring_is_not(made, tmp_path):
    file, _ = made
    settings = elsewhere(tmp_path)
    (settings.home / "uploads").mkdir(parents=True)
    with pytest.raises(HomeNotEmpty, match="there is uploads"):
        restore(file, settings)
    assert [path.name for path in settings.home.iterdir()] == ["uploads"]


def test_a_disk_too_small_is_refused(made, tmp_path, monkeypatch):
    file, _ = made
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1 << 20))
    with pytest.raises(NoRoom, match="the restore needs about"):
        restore(file, elsewhere(tmp_path))
    with pytest.raises(NoRoom, match="only 1 MB left"):
        backup(running(), tmp_path / "other.backup")


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(made, tmp_path):
    file, _ = made
    before, limits = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))  # the system refuses the 8193rd byte of any file
    try:
        with pytest.raises(InTheWay, match="choose a folder with room and the right to write") as refused:
            backup(running(), file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(refused.value)
    assert file.read_bytes() == before, "the older backup stays"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_rows_written_during_the_backup_are_in_neither_part(app, world, tmp_path, monkeypatch):
    real = tools.dump

    def late(*args):
        with psycopg.connect(running().servers.admin_url) as connection:
            connection.execute("insert into core.place select max(no) + 1, min(region_no) from core.place")
        yield from real(*args)

    monkeypatch.setattr(making.tools, "dump", late)
    before = rows_of("core.place")
    file = tmp_path / "x.backup"
    backup(running(), file)
    with container.reading(file) as found:
        assert found.facts["tables"]["core.place"]["rows"] == before
        assert rows_of("core.place") == before + 1
    # The dump was made of the same moment: restored, it equals the manifest.
    assert drill(running(), file).ok


def rows_of(table):
    with psycopg.connect(running().servers.admin_url) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def test_checksums_see_content_and_not_order(app):
    with psycopg.connect(running().servers.admin_url) as connection:
        connection.execute("create schema sums")
        for name, values in {
            "one": "(1,'a'),(2,'b'),(3,null)", "moved": "(3,null),(1,'a'),(2,'b')", "double": "(1,'a'),(1,'a'),(2,'b'),(3,null)",
            "other": "(1,'a'),(2,'b'),(3,'')", "swapped": "(1,'b'),(2,'a'),(3,null)", "none": "(1,'a')",
        }.items():  # fmt: skip
            connection.execute(f'create table sums.{name} (n int, "the row" text)')
            connection.execute(f"insert into sums.{name} values {values}")
        connection.execute("delete from sums.none")
        seen = Snapshot(connection, "")
        sums = {
            name: seen.table(f"sums.{name}")
            for name in ("one", "moved", "double", "other", "swapped", "none")
        }
        connection.rollback()
    assert sums["one"] == sums["moved"]
    assert sums["none"] == {"rows": 0, "sum": "0:0"}
    assert len({str(value) for value in sums.values()}) == 5


def test_structure_sees_what_alembic_does_not(app):
    with snapshot(running().servers) as moment:
        whole = moment.facts()
    for fault in (
        "alter table core.post disable row level security",
        "alter table core.post no force row level security",
        "alter table core.post disable trigger history_update",
        "drop policy app_scope on core.post",
        "alter policy app_scope on core.post using (true)",
        "grant delete on core.change to dolbom_app",
        "alter table core.post add column x int",
        "alter function core.record_changes() security invoker",
        "drop index core.ix_change_at",
        "alter default privileges in schema core grant truncate on tables to dolbom_app",
    ):
        with psycopg.connect(running().servers.admin_url) as connection:
            connection.execute("set local role dolbom_owner" if "default" in fault else "select 1")
            connection.execute(fault)
            connection.execute("reset role")
            connection.execute("set local search_path = ''")
            report = Report("test", "")
            compare(report, whole, {**whole, "structure": Snapshot(connection, "").structure()})
            connection.rollback()
        assert report.differences, fault


def test_other_major_versions_may_word_definitions_differently():
    base = {"tables": {}, "sequences": {}, "structure": {"a.b": ["x"]}, "modules": {}, "postgres": 170000}
    report = Report("test", "")
    compare(report, base, {**base, "structure": {"a.b": ["y"]}, "postgres": 180000})
    assert not report.differences
    assert len(report.warnings) == 2


def test_an_owner_who_does_not_see_all_rows_is_told_what_is_needed(app, tmp_path):
    servers = replace(running().servers, admin_url=None)
    blind = SimpleNamespace(settings=running().settings, servers=servers)
    with pytest.raises(RightMissing, match="alter role dolbom_owner bypassrls"):
        backup(blind, tmp_path / "x.backup")
    assert not (tmp_path / "x.backup").exists()


def test_an_owner_who_may_can_back_up_without_an_administrator(app, tmp_path):
    """A foreign server: the owner has BYPASSRLS, and the dump holds every row."""
    servers = running().servers
    seeing = SimpleNamespace(settings=running().settings, servers=replace(servers, admin_url=None))
    with psycopg.connect(servers.admin_url, autocommit=True) as connection:
        connection.execute("alter role dolbom_owner bypassrls")
        try:
            report = backup(seeing, tmp_path / "x.backup")
        finally:
            connection.execute("alter role dolbom_owner nobypassrls")
    assert next(line.rows for line in report.tables if line.name == "core.region") == 6


def test_a_database_that_is_taken_or_has_another_owner_is_refused(made):
    file, _ = made
    with container.reading(file) as found:
        with pytest.raises(HomeNotEmpty, match="Dolbom in it already"):
            _require_fresh(found, running().servers)
        found.facts["owner"] = "somebody"
        empty_one = SimpleNamespace(
            **{**asdict_of(running().servers), "owner_url": postgres_of(running().servers.owner_url)}
        )
        with pytest.raises(OtherOwner, match="create the role somebody"):
            _require_fresh(found, empty_one)


def asdict_of(servers):
    return {name: getattr(servers, name) for name in ("owner_url", "admin_url", "pg_bin")}


def postgres_of(address):
    from core.db.servers.address import on_database

    return on_database(address, "dolbom")


def test_a_backup_never_overwrites_something_else(made, tmp_path):
    file, _ = made
    other = tmp_path / "report.xlsx"
    other.write_text("precious")
    with pytest.raises(InTheWay, match="choose another name"):
        backup(running(), other)
    assert other.read_text() == "precious"
    again = backup(running(), file)
    assert again.ok, "an older backup of the same name is replaced by the newer one, in one step"
    with pytest.raises(NoRoom, match="name a folder that exists"):
        backup(running(), tmp_path / "no" / "folder" / "x.backup")


def test_a_failing_dump_leaves_nothing_behind(made, tmp_path, monkeypatch):
    file, _ = made
    before = file.read_bytes()

    def broken(*args):
        yield b"half"
        raise ToolFailed("pg_dump: planted")

    monkeypatch.setattr(making.tools, "dump", broken)
    with pytest.raises(ToolFailed, match="planted"):
        backup(running(), file)
    assert file.read_bytes() == before, "the older backup stays"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_tools_that_are_missing_or_too_old_are_named(app, tmp_path):
    with pytest.raises(ToolFailed, match="postgresql-client-18"):
        tools._tool(tmp_path, "pg_dump", 18)
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(0o755)
    with pytest.raises(ToolFailed, match=r"9\.6\.1, the server is PostgreSQL 18"):
        tools._tool(tmp_path, "pg_dump", 18)
    bare, environment = tools._without_password("postgresql://me:s%40cret@/dolbom?host=/run")
    assert bare == "postgresql://me@/dolbom?host=/run"
    assert environment["PGPASSWORD"] == "s@cret"


def test_it_is_a_zip_anyone_can_look_into(made):
    file, _ = made
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("manifest.json"))["format"] == 1
