from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import people
from browsing import Browser


@pytest.fixture
def person(app):
    """Make an account with a post: `person("jan", "director", world.facilities[0])` gives its id."""
    return people.make


@pytest.fixture
def browser(app):
    """One browser."""
    return Browser(app)


@pytest.fixture
def browsers(app):
    """As many browsers as one asks for: `browsers()`."""
    return lambda: Browser(app)


@pytest.fixture
def config(app):
    """Change settings of the shared application for one test."""
    before = {}

    def change(**values):
        for name, value in values.items():
            before.setdefault(name, app.config.get(name))
            app.config[name] = value

    yield change
    app.config.update(before)
