"""A module from elsewhere, found by its entry point: a good one is enabled, a careless one fails `dolbom check` with the way out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import NamedTuple

import pytest

from core.config import ROOT

pytestmark = pytest.mark.slow

MANIFEST = """
name = "borrowed"
kind = "module"
version = "1.0"
title = "Borrowed"
summary = "A module that lives in a package of its own."
host = ">=0.1,<2"
quality = "bronze"
[data]
personal = []
"""
CARELESS = {
    "models.py": '''
"""Things."""
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from core.sdk import db

class Thing(db.Model):
    """No rule says whose it is, and no manifest that it needs the centres."""
    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    facility_id: Mapped[int] = mapped_column(sa.ForeignKey("facilities.facility.id"), index=True)
''',
    "services.py": '''
"""Verbs."""
from core.sdk import db
from borrowed.models import Thing

def add(facility_id: int) -> Thing:
    """Asks nobody."""
    made = Thing(facility_id=facility_id)
    db.session.add(made)
    return made

def places(facility_id: int) -> int:
    """Reads a column of another module."""
    from modules.facilities.models import Facility
    return db.session.get(Facility, facility_id).capacity
''',
    "forgotten.py": "def never_imported(:\n",
}
FOREIGN_COLUMN = '''
"""A column of ours in another module's table."""
import sqlalchemy as sa
from sqlalchemy.orm import mapped_column
from modules.facilities.models import Facility

Facility.nickname = mapped_column(sa.Text)
'''
OWN_COMMAND = '''
"""`dolbom borrowed`."""
import click

commands = click.Group("borrowed", help="Things lent out.")


@commands.command("count")
def count() -> None:
    """How many are lent."""
    click.echo("none yet")
'''
#: Several commands in one process over one start of the servers: what they print and how they end is the same.
COMMANDS = """
import contextlib, io, json, sys
from core.cli import command
from core.config import load_settings
from core.db.servers import attach

with attach(load_settings()):
    for words in json.load(sys.stdin):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                command(words, prog_name="dolbom")
            except SystemExit as end:
                code = end.code
        print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
READY = "# What it does\n\n# Limits\n\n# How to remove it\n"


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def borrowed(tmp_path):
    """`borrowed(files)` installs a package with the entry point and gives a `dolbom` that sees it.

    Each call is one process that does all its lines of words; `Done` says how each ended.
    """

    def install(files):
        package = tmp_path / "borrowed"
        package.mkdir()
        for name, text in {"__init__.py": "", "module.toml": MANIFEST, "README.md": READY, **files}.items():
            (package / name).write_text(text)
        facts = tmp_path / "borrowed-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: borrowed\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text("[dolbom.modules]\nborrowed = borrowed\n")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DOLBOM_")}
        environment |= {
            "PYTHONPATH": f"{tmp_path}:{ROOT}", "DOLBOM_HOME": str(tmp_path / "home"), "DOLBOM_ENV": "test",
        }  # fmt: skip

        def dolbom(*lines):
            ran = subprocess.run(
                [sys.executable, "-c", COMMANDS], input=json.dumps([line.split() for line in lines]), env=environment,
                cwd=tmp_path, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stderr
            return [Done(*json.loads(line)) for line in ran.stdout.splitlines()]

        return dolbom

    return install


def test_a_careless_module_fails_the_build_and_is_told_what_to_do(borrowed):
    names = ("scoped-models", "services-ask", "foreign-tables", "readable", "permissions-held")
    [done] = borrowed(CARELESS)("check --json " + " ".join(f"--only {name}" for name in names))
    assert done.code == 1, done.err
    found = {result["id"]: result for result in json.loads(done.out)["results"]}
    assert any("borrowed.models.Thing" in record for record in found["scoped-models"]["records"])
    assert "FacilityScoped" in found["scoped-models"]["action"]
    assert any("borrowed/services.py" in record and "add" in record for record in found["services-ask"]["records"])
    assert "require" in found["services-ask"]["action"]
    foreign = found["foreign-tables"]
    assert "borrowed.thing points at facilities.facility.id, but borrowed does not depend on facilities" in foreign["records"]
    assert any(
        record.startswith("borrowed/services.py:") and "only api and events of facilities are open" in record
        for record in foreign["records"]
    )
    assert len(foreign["records"]) == 2, "nothing of the product itself is careless"
    for way in ("depends in module.toml", "its api", "extension.Extends"):
        assert way in foreign["action"]
    assert any("borrowed/forgotten.py:1: invalid syntax" in record for record in found["readable"]["records"])
    assert "Correct that line" in found["readable"]["action"]


def test_a_column_in_another_modules_table_fails_the_build_and_keeps_the_module_aside(borrowed, tmp_path):
    dolbom = borrowed({"models.py": FOREIGN_COLUMN})
    manifest = tmp_path / "borrowed" / "module.toml"
    manifest.write_text(MANIFEST.replace("[data]", 'depends = { facilities = ">=0.1" }\n[data]'))
    checked, listed, installed, enabled = dolbom(
        "check --json --only quarantine --only migrated",
        "module list --json",
        "module install borrowed",
        "module enable borrowed --region KR-11",
    )
    assert checked.code == 1, checked.err
    found = {result["id"]: result for result in json.loads(checked.out)["results"]}
    aside, migrated = found["quarantine"], found["migrated"]
    [record] = aside["records"]
    assert record.startswith("borrowed: It adds the column nickname to facilities.facility, which is no table of borrowed")
    assert "keep it in a table of its own" in record
    assert "extension.Extends" in record
    assert "borrowed/models.py:" in record
    assert migrated["records"] == [], "the other module's table is as it was"

    assert {name: states(listed)[name]["state"] for name in ("borrowed", "facilities")} == {
        "borrowed": "quarantined",
        "facilities": "installed",
    }
    for done in (installed, enabled):
        assert done.code == 2
        [line] = done.err.splitlines()
        assert line.startswith("error [module.unknown]: borrowed does not run: It adds the column nickname")

    # The same home and another mistake: the office goes on. (More of them, without a command each: host/test_discovery.)
    (tmp_path / "borrowed" / "models.py").write_text("def broken(:\n")
    found = states(*dolbom("module list --json"))
    assert found["facilities"]["state"] == "installed"
    assert found["borrowed"]["state"] == "quarantined"
    assert "models.py:1: invalid syntax; correct that line and start again" in found["borrowed"]["reason"]
    assert "\n" not in found["borrowed"]["reason"]


def states(listed):
    """What `dolbom module list` says of each module."""
    assert listed.code == 0, listed.err
    assert "Traceback" not in listed.err
    return {row["name"]: row for row in json.loads(listed.out)}


def test_a_package_with_the_entry_point_is_found_and_enabled(borrowed):
    done = borrowed({"cli.py": OWN_COMMAND})(
        "region new KR-11 --pack kr_seoul",
        "module install borrowed",
        "module plan enable borrowed --region KR-11",
        "module enable borrowed --region KR-11",
        "module list",
        "borrowed count",
    )
    assert [each.code for each in done] == [0] * 6, done
    assert {each.err for each in done} == {""}, "standard error is for what went wrong"
    assert "enable in KR-11 keeps every row" in done[2].out
    assert states_of_words(done[4].out)["borrowed"] == ["module", "1.0", "installed", "KR-11"]
    assert done[5].out == "none yet\n"


def states_of_words(out):
    """The words of `dolbom module list` by module."""
    return {line.split()[0]: line.split()[1:] for line in out.splitlines()}


def test_a_plan_says_what_stops_and_refuses_what_makes_no_sense(borrowed):
    _, disable, everywhere, unknown = borrowed({})(
        "region new KR-11 --pack kr_seoul",
        "module plan disable facilities --region KR-11 --from 2027-01-01 --json",
        "module plan uninstall facilities --region KR-11",
        "module plan enable nothing --region KR-11",
    )
    assert json.loads(disable.out)["effect"] == {
        "module": "facilities", "region": "KR-11", "on": False, "missing": [], "losing": ["families", "enrollment"],
    }  # fmt: skip
    assert (everywhere.code, unknown.code) == (2, 2)
    assert "uninstall concerns the whole installation: leave out --region" in everywhere.err
    assert unknown.err.startswith("error [module.unknown]: There is no module nothing")
