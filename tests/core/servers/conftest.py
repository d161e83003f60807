"""Each test gets its own home, copied from one prepared cluster because initdb takes seconds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.servers import attach

from .lab import Lab


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped home with a prepared cluster."""
    home = tmp_path_factory.mktemp("seed") / "home"
    lab = Lab(home)
    attach(lab.settings).close()
    lab.close()
    return home


@pytest.fixture
def lab(seed: Path, tmp_path: Path) -> Iterator[Lab]:
    """A home of one's own with a cluster in it."""
    shutil.copytree(seed, tmp_path / "home")
    (tmp_path / "home").chmod(0o700)
    lab = Lab(tmp_path / "home")
    yield lab
    lab.close()
    shutil.rmtree(lab.home.path, ignore_errors=True)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Lab]:
    """A home that does not exist yet."""
    lab = Lab(tmp_path / "new")
    yield lab
    lab.close()
    shutil.rmtree(lab.home.path, ignore_errors=True)
