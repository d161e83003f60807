"""The short form of the kill campaign: kills and a flush on real processes, death at chosen statements, and its controls.

The controls of the storm itself run in `make campaign`: whether a few kills hit the gap is chance; at a statement it is not.
"""

from __future__ import annotations

import pytest

from core.testing import TEMPLATE, mark_dirty
from tests.campaigns import crashes, kills


@pytest.mark.slow
def test_twelve_kills_and_a_flush_lose_and_double_nothing(settings, servers):
    storm = kills.Storm(kills=12, seed=4, every=(0.1, 0.4), whole_redis=False)
    figures = kills.blow(settings, servers, storm, TEMPLATE, redis_db=63)
    assert kills.broken(figures) == [], figures
    assert figures["kills"] == 12 and figures["killed_worker"] and figures["killed_child"], figures


@pytest.mark.slow
def test_a_worker_may_die_at_any_statement(app):
    mark_dirty()
    figures = crashes.walk(app, rounds=30, seed=2)
    assert kills.broken(figures) == [] and figures["crashes"] > 15, figures


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "shown"), [("done-first", "lost"), ("effect-first", "double")])
def test_dying_at_a_statement_shows_what_is_wrong(app, mode, shown):
    mark_dirty()
    assert crashes.walk(app, rounds=25, seed=2, mode=mode)[shown]
