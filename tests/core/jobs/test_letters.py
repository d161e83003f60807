"""The page of background work, and sending again what has stopped."""

from __future__ import annotations

from datetime import date

import pytest

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.jobs import enqueue, job, letters
from core.regions import activation
from core.security import scope as scopes


@pytest.fixture
def stopped(props, work, world, effects):
    """A dead row in the first facility, a skipped one in the far one, an open one of no place."""
    broken = [True]

    @job("props.clock.wind", retries=0)
    def wind():
        effects.add("wound")
        if broken:
            raise ValueError("the spring is broken")

    props(wind)
    with scopes.system("test"):
        ids = [enqueue("props.clock.wind", place=place) for place in (world.facilities[0], world.far[0], None)]
        db.session.commit()
    assert [work(number) for number in ids[:2]] == ["failed", "skipped"]
    return ids, broken


def test_officers_with_the_right_see_what_stopped_at_their_places(stopped, acting, world):
    (dead, skipped, waiting), _ = stopped
    with acting("administrator", world.city):
        assert [r.id for r in letters.listing("dead")] == [dead]
        assert [r.id for r in letters.listing("skipped")] == letters.listing("done") == []
        assert [a.outcome for a in letters.attempts_of(dead)] == ["failed"]
        assert letters.attempts_of(skipped) == []
        backlog = letters.backlog()
        assert (backlog.open, backlog.dead, backlog.skipped) == (0, 1, 0)
    with acting("administrator", 0):
        assert [r.id for r in letters.listing("skipped")] == [skipped]
        assert [r.id for r in letters.listing("open")] == [waiting]
        assert letters.listing("open", before=waiting) == []
        assert letters.backlog().open == 1 and letters.backlog().overdue > 0
    for look in (lambda: letters.listing("dead"), letters.backlog, lambda: letters.attempts_of(dead)):
        with acting("director", world.facilities[0]), pytest.raises(Forbidden, match=r"core\.job\.read"):
            look()


def test_a_person_with_the_right_sends_it_again(stopped, acting, rows, work, effects, world):
    (dead, _, _), broken = stopped
    with acting("administrator", world.district, account_id=5):
        letters.retry(dead)
    row = rows()[0]
    assert not row.dead_at and row.attempts == 0 and row.error, "why it stopped stays readable"
    broken.clear()
    assert work(dead) == "done" and effects() == ["wound"]
    with acting("administrator", world.district), pytest.raises(letters.NotStopped, match="has not stopped"):
        letters.retry(dead)


def test_what_was_skipped_is_sent_again_when_the_module_is_on(stopped, acting, work, world, rows):
    (_, skipped, _), broken = stopped
    broken.clear()
    with scopes.system("switch on"):
        activation.switch("props", world.far_district, on=True, first_day=date(2020, 1, 1), reason="test")
        db.session.commit()
    with acting("administrator", world.other_city):
        letters.retry(skipped)
    assert work(skipped) == "done"


def test_no_right_no_retry_and_foreign_rows_do_not_exist(stopped, acting, world):
    (dead, _, _), _ = stopped
    with acting("director", world.facilities[0]), pytest.raises(Forbidden, match=r"core\.job\.retry"):
        letters.retry(dead)
    with (
        acting("administrator", world.other_city),
        pytest.raises(NotFound, match=f"no background job {dead} here"),
    ):
        letters.retry(dead)
