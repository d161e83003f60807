from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import people


@pytest.fixture
def person(app):
    """Make an account with a post: `person("jan", "director", world.facilities[0])` gives its id."""
    return people.make
