"""A pytest plugin: a test that needs chromium or LibreOffice skips with the command that brings it.

`@pytest.mark.needs("calc")` names what `setup/system.py` knows; `@pytest.mark.browser` needs chromium and a
Korean font. Under DOLBOM_NO_SKIP=1 (`.ci/run` sets it) such a test fails instead.
"""

from __future__ import annotations

import os

import pytest

from setup import system


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look before the test starts."""
    names = {name for mark in item.iter_markers("needs") for name in mark.args}
    if item.get_closest_marker("browser"):
        names |= {"chromium", "korean-font"}
    if lacking := system.missing(system.BY_NAME[name] for name in sorted(names)):
        line = system.advice(lacking)
        if os.environ.get("DOLBOM_NO_SKIP"):
            pytest.fail(line, pytrace=False)
        pytest.skip(line)
