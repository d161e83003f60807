"""What `dolbom new` writes is ready: linted, translated, described; nothing is overwritten."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from core.commands.scaffolding import NameTaken, write
from core.config import ROOT
from core.web import catalogues

KINDS = ("module", "region", "device")


@pytest.fixture
def root(tmp_path):
    """A checkout with our settings of ruff and nothing else."""
    (tmp_path / "core").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_translated(kind, root):
    write(kind, "toy_box", "Toy box", root)
    assert catalogues.problems(root) == []
    unit = catalogues.units(root)[1]
    assert len(catalogues.texts(unit, root)) > 1, "the manifest's title and summary at least"


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_forgotten_is_found(kind, root):
    write(kind, "toy_box", "Toy box", root)
    for path in root.rglob("*.po"):
        path.unlink()
    assert len(catalogues.problems(root)) > 1


@pytest.mark.parametrize("broken", [b"def (:\n", b'text = _("\xff")\n', b'text = _("""open\n'])
def test_a_file_that_cannot_be_read_ends_no_search_for_texts(root, broken):
    write("module", "toy_box", "Toy box", root)
    (root / "modules" / "toy_box" / "services.py").write_bytes(b"@job(\n" + broken)
    assert catalogues.problems(root) == [], "what is wrong with the file is said by the check `readable`"


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_clean(kind, root):
    write(kind, "toy_box", "Toy box", root)
    ours = 'lint.isort.known-first-party=["core", "modules", "plugins"]'  # what lies beside it in a checkout
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", ours, "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_is_overwritten_and_names_are_names(root):
    written = write("module", "toys", "Toys", root)
    mine = root / "modules" / "toys" / "models.py"
    mine.write_text("mine")
    for kind in KINDS:
        with pytest.raises(NameTaken, match="is there already: choose another name"):
            write(kind, "toys", "Toys", root)
    assert mine.read_text() == "mine"
    found = (path for group in ("modules", "migrations", "tests") for path in (root / group).rglob("*"))
    assert sorted(written) == sorted(str(path.relative_to(root)) for path in found if path.is_file())
    for name in ("core", "Toys", "toy-box", "../toys", "t"):
        with pytest.raises(NameTaken, match="cannot be a module's name"):
            write("module", name, "Toys", root)
