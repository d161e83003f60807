"""Modules that are wrong: each is set aside with one line that says what to do, and the rest runs."""

from __future__ import annotations

import sys

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import configure_mappers

import modules
from core.db import migrations
from core.db.base import db, mapped_classes
from core.db.migrations import MigrationFailed, Scripts
from core.host import discovery
from core.host.running import running
from modules.facilities.models import Facility


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """`tree(name, toml, **files)` adds a module to a tree of its own; `tree.read()` discovers and imports it."""
    monkeypatch.setattr(modules, "__path__", [str(tmp_path / "modules")])
    before = set(sys.modules)

    def add(name, toml="", **files):
        folder = tmp_path / "modules" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        head = f'name = "{name}"\nkind = "module"\nversion = "1.0"\ntitle = "{name.title()}"\n'
        (folder / "module.toml").write_text(head + toml)
        for part, content in files.items():
            (folder / f"{part}.py").write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    def read():
        monkeypatch.setattr(discovery, "entry_points", lambda group: ())
        registry = discovery.discover(tmp_path)
        discovery.load(registry)
        return registry

    add.read = read
    yield add
    for name in set(sys.modules) - before:
        del sys.modules[name]


def reason(registry, name):
    """Why a module was set aside, which is one line."""
    assert name not in registry.modules
    found = registry.quarantine[name].reason
    assert "\n" not in found
    return found


def test_a_syntax_error_names_its_line_and_leaves_nothing_of_the_module(tree):
    tree("sound", events="HEARD = True\n")
    broken = tree("broken", models="from core.sdk import db\n", services="\n\ndef add(:\n")
    tree("needs", 'depends = { broken = "" }\n')
    registry = tree.read()
    text = reason(registry, "broken")
    assert text.startswith(f"{broken / 'services.py'}:3: invalid syntax")
    assert text.endswith("; correct that line and start again")
    assert reason(registry, "needs") == "It needs broken, which does not run."
    assert not [key for key in registry.loaded if key[0] == "broken"]
    assert not [name for name in sys.modules if name.startswith("modules.broken")]
    assert list(registry.modules) == ["sound"]
    assert registry.part("sound", "events").HEARD


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name = '\xff'\n", "services.py:"),
        ("raise RuntimeError('two\\nlines')\n", "RuntimeError: two lines (PATH/services.py:1)"),
        ("import no_such_library\n", "No module named 'no_such_library' (PATH/services.py:1)"),
        ("import sys\nsys.exit('no')\n", "SystemExit: no (PATH/services.py:2)"),
    ],
)
def test_whatever_an_import_raises_is_one_line_with_its_place(tree, content, says):
    folder = tree("broken", services=content)
    assert says.replace("PATH", str(folder)) in reason(tree.read(), "broken")


def test_an_unknown_key_is_named_with_the_nearest_known_one(tree):
    tree("sound")
    folder = tree("broken", 'sumary = "x"\n')
    tree("odd", '[data]\nzzz = "x"\n')
    registry = tree.read()
    assert reason(registry, "broken") == f"{folder / 'module.toml'}: unknown key sumary (did you mean summary?)"
    assert "unknown key data.zzz; known are " in reason(registry, "odd")
    assert list(registry.modules) == ["sound"]


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("depends = ", "module.toml: "),
        ('depends = { x = "one" }\n', "Invalid specifier"),
        ('depends = { nowhere = "" }\n', "It needs nowhere, which is not installed. Add it, or remove broken."),
        ('uses = "sound"\n', "uses must be a list of texts"),
        ('depends = "sound"\n', "depends must be a table of names and versions"),
        ("depends = { sound = 1 }\n", "depends must be a table of names and versions"),
        ("summary = 5\n", "summary must be a text"),
        ('data = "x"\n', "[data] must be a table"),
        ('host = ">=99"\n', "Install a fitting version of the module"),
        ('[data]\npersonal = ["child.name"]\n', "personal data needs data.retain"),
    ],
)
def test_every_other_mistake_in_a_manifest_is_one_line_too(tree, toml, says):
    tree("sound")
    tree("broken", toml)
    registry = tree.read()
    assert says in reason(registry, "broken")
    assert list(registry.modules) == ["sound"]


def test_a_manifest_in_another_encoding_is_set_aside(tree):
    folder = tree("broken")
    (folder / "module.toml").write_bytes('title = "Żłobek"'.encode("cp1250"))
    assert str(folder / "module.toml") in reason(tree.read(), "broken")


def test_a_circle_is_shown_as_it_runs_and_takes_along_only_who_needs_it(tree):
    tree("hen", 'depends = { egg = "" }\n')
    tree("egg", 'depends = { hen = "" }\n')
    tree("cake", 'depends = ["egg"]\n')
    tree("alone", 'depends = { alone = "" }\n')
    tree("sound")
    registry = tree.read()
    ways = ("hen → egg → hen", "egg → hen → egg")
    assert reason(registry, "hen") == reason(registry, "egg")
    assert reason(registry, "hen") in {f"Modules need each other in a circle: {way}. Cut one arrow." for way in ways}
    assert "alone → alone" in reason(registry, "alone")
    assert reason(registry, "cake") == "It needs egg, which does not run."
    assert list(registry.modules) == ["sound"]


COLUMNS = {
    "an attribute": "Facility.nickname = mapped_column(sa.Text)",
    "the table": "Facility.__table__.append_column(sa.Column('nickname', sa.Text))",
    "a model in its schema": (
        "class Special(db.Model):\n    __tablename__ = 'nickname'\n    __table_args__ = {'schema': 'facilities'}\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)"
    ),
}
IMPORTS = (
    "import sqlalchemy as sa\nfrom sqlalchemy.orm import Mapped, mapped_column\n"
    "from core.sdk import db\nfrom modules.facilities.models import Facility\n"
)


@pytest.mark.filterwarnings("ignore:.*contains a class with the same class name")
@pytest.mark.parametrize("how", COLUMNS)
def test_a_column_in_anothers_table_sets_the_module_aside_before_it_is_there(app, tree, how):
    tables, columns = set(db.metadata.tables), set(Facility.__table__.columns.keys())
    tree("greedy", models=f"{IMPORTS}\n\n{COLUMNS[how]}\n")
    text = reason(tree.read(), "greedy")
    assert "nickname" in text or "modules.greedy.models.Special" in text
    assert "facilities" in text
    assert ("extension.Extends" in text) or ("remove schema=" in text)
    assert "models.py:" in text
    assert set(db.metadata.tables) == tables
    assert set(Facility.__table__.columns.keys()) == columns
    assert not hasattr(Facility, "nickname")
    assert not [cls for cls in mapped_classes() if cls.__module__ == "modules.greedy.models"]
    with db.engines["system"].connect() as connection:
        assert connection.execute(sa.select(Facility)).all() == [], "the others still read their tables"


UNMAPPABLE = {
    "a child without a key to its parent": "class Special(Facility):\n    nickname: Mapped[str]",
    "no primary key": "class Special(db.Model):\n    __tablename__ = 'special'\n    nickname: Mapped[str]",
    "a good one before": (
        "class Good(db.Model):\n    __tablename__ = 'good'\n    id: Mapped[int] = mapped_column(primary_key=True)\n\n\n"
        "raise ValueError"
    ),
}


@pytest.mark.parametrize("how", UNMAPPABLE)
def test_a_model_that_cannot_be_mapped_leaves_nothing_of_its_module(app, tree, how):
    classes, tables = set(mapped_classes()), set(db.metadata.tables)
    tree("clumsy", models=f"{IMPORTS}\n\n{UNMAPPABLE[how]}\n")
    tree("sound")
    registry = tree.read()
    assert "models.py:" in reason(registry, "clumsy")
    assert list(registry.modules) == ["sound"]
    assert set(mapped_classes()) == classes
    assert set(db.metadata.tables) == tables
    configure_mappers()


def test_a_table_of_its_own_that_points_at_anothers_is_lawful(app, tree):
    tree(
        "modest",
        models=f"{IMPORTS}\n\nclass Special(db.Model):\n    __tablename__ = 'special'\n"
        "    id: Mapped[int] = mapped_column(sa.ForeignKey(Facility.id), primary_key=True)\n",
    )
    registry = tree.read()
    try:
        assert list(registry.modules) == ["modest"]
        assert "modest.special" in db.metadata.tables
    finally:
        discovery._forget("modules.modest")
    assert "modest.special" not in db.metadata.tables


SCRIPT = """
import sqlalchemy as sa
from alembic import op
revision = "greedy_0001"
down_revision = None

def upgrade():
    op.create_table("own", sa.Column("id", sa.BigInteger, primary_key=True), schema="greedy")
    {line}
"""


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('op.add_column("facility", sa.Column("nickname", sa.Text), schema="facilities")',
         "greedy: its migration changes facilities.facility (column nickname text)"),
        ('op.drop_column("facility", "homepage", schema="facilities")', "facilities.facility (column homepage "),
        ('op.create_unique_constraint("one_name", "facility", ["name"], schema="facilities")',
         "facilities.facility (constraint one_name)"),
        ('op.create_table("more", sa.Column("id", sa.BigInteger), schema="facilities")', "facilities.more (column id bigint)"),
        ("raise RuntimeError", "greedy: RuntimeError: no reason given"),
        ("def (:", "greedy: SyntaxError: "),
    ],
)  # fmt: skip
def test_a_migration_that_leaves_its_schema_is_undone(app, tmp_path, line, says):
    (tmp_path / "0001_greedy.py").write_text(SCRIPT.format(line=line))
    scripts = Scripts("greedy", tmp_path, running().root)
    with running().owner.connect() as connection:
        before = migrations._others(connection, "")
    with pytest.raises(MigrationFailed) as refused, running().owner.begin() as connection:
        migrations.upgrade(connection, scripts)
    assert says in str(refused.value)
    assert "nothing of it was kept" in str(refused.value)
    assert "extension.Extends" in str(refused.value) or f"correct the script in {tmp_path}" in str(refused.value)
    assert "\n" not in str(refused.value)
    with running().owner.connect() as connection:
        assert migrations._others(connection, "") == before
        assert connection.scalar(sa.text("select to_regnamespace('greedy')")) is None
