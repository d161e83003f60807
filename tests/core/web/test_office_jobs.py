"""The pages of background work: queues and clock, what stopped and why, sending it again, giving it up."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import people
import pytest

from core.errors import Forbidden, NotFound
from core.jobs import letters, overview
from core.jobs.failures import in_words
from core.jobs.schedules import Daily, Every

JOBS, STOPPED = "/office/core/jobs/", "/office/core/letters/"
ROW = (
    "insert into core.outbox (kind, name, module, handler, queue, retries, payload, place_no, actor, attempts, error, "
    "dead_at, skipped_at, done_at, lease_until, token, key) values ('job', :name, 'core', 'core.purge', :queue, 2, '{}', :place, "
    "'system', :attempts, :error, case when :state = 'dead' then now() end, case when :state = 'skipped' then now() end, "
    "case when :state = 'done' then now() end, case when :state = 'running' then now() + interval '1 hour' end, "
    "case when :state = 'running' then gen_random_uuid() end, :key) returning id"
)


def owed(place, state="open", **facts):
    given = {
        "name": "core.outbox.purge",
        "queue": "default",
        "attempts": 0,
        "error": None,
        "key": None,
        **facts,
    }
    return people.run(ROW, place=place, state=state, **given)[0].id


def columns(number, names="dead_at, skipped_at, given_up_at, attempts"):
    return people.run(f"select {names} from core.outbox where id = :id", id=number)[0]


@pytest.fixture
def admin(browser, person, world):
    person("admin", "administrator", world.city, name="Ada Admin")
    browser.enter("admin")
    return browser


@pytest.fixture
def dead(world):
    return owed(
        world.facilities[0],
        "dead",
        attempts=3,
        error="OperationalError: no route to host (core/jobs/bell.py:7)",
    )


@pytest.fixture
def foreign(world):
    return owed(world.far[0], "dead", attempts=3, error="ValueError: x")


class TestNow:
    def test_queues_are_counted_at_the_places_of_the_post(self, acting, world, dead, foreign):
        owed(world.facilities[0])
        owed(world.far[0])
        owed(world.facilities[1], "running", queue="slow")
        owed(world.facilities[1], "done")
        with acting("administrator", world.city):
            short, long = overview.queues()
        assert (short.name, short.waiting, short.running, short.done, short.stopped) == (
            "default",
            1,
            0,
            1,
            1,
        )
        assert (long.name, long.waiting, long.running, long.stopped) == ("slow", 0, 1, 0)
        with acting("director", world.facilities[0]), pytest.raises(Forbidden):
            overview.queues()

    def test_long_work_is_shown_with_its_share(self, admin, world):
        number = owed(world.facilities[0], "running")
        other = owed(world.far[0], "running")
        for one in (number, other):
            people.run(
                "insert into core.job_run (outbox_id, title, done, total, state, message, place_no) "
                "values (:id, 'Import of the register', 30, 120, 'running', 'row 30', (select place_no from core.outbox where id = :id))",
                id=one,
            )
        page = admin.get(JOBS)
        assert page.status_code == 200
        assert page.text.count('class="job"') == 1, "only the one that is ours"
        assert "Import of the register · " in page.text
        assert "25%" in page.text
        assert f'data-progress="{JOBS}{number}/progress"' in page.text
        answer = admin.get(f"{JOBS}{number}/progress")
        assert answer.json == {"state": "running", "done": 30, "total": 120, "message": "row 30"}
        for strange in (other, 10**9, "x", 10**30):
            assert admin.get(f"{JOBS}{strange}/progress").status_code == 404

    def test_the_clock_tells_last_and_next(self, acting, admin, world):
        now = datetime.now(UTC)
        with acting("administrator", world.city):
            never = next(due for due in overview.clock(now) if due.handler.mark.name == "core.outbox.purge")
        assert never.last is None
        assert never.late
        assert now < never.next_at <= now + timedelta(days=1, hours=1)
        key = f"due {never.schedule.latest(now, never.zone).key}"
        owed(0, "done", key=key)
        with acting("administrator", world.city):
            due = next(due for due in overview.clock(now) if due.handler.mark.name == "core.outbox.purge")
        assert due.last.key == key
        assert not due.late
        text = admin.get(JOBS).text
        assert "Forget finished background work" in text
        assert "every day at 03:40" in text

    def test_missing_workers_are_said(self, admin, world):
        number = owed(world.facilities[0])
        assert "has been waiting for" not in admin.get(JOBS).text
        people.run(
            "update core.outbox set available_at = now() - interval '5 minutes' where id = :id", id=number
        )
        assert "has been waiting for 5 minutes" in admin.get(JOBS).text

    @pytest.mark.parametrize(
        ("schedule", "next_at"),
        [
            (Every(timedelta(hours=6)), "2026-10-25T06:00:00+00:00"),
            (Daily(time(2, 30)), "2026-10-25T00:30:00+00:00"),
            (Daily(time(0, 30)), "2026-10-25T23:30:00+00:00"),
        ],
    )
    def test_the_next_moment_follows_the_local_clock(self, schedule, next_at):
        now = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 in Warsaw, an hour before the clocks go back
        assert schedule.following(now, "Europe/Warsaw").isoformat() == next_at


class TestStopped:
    def test_the_list_says_why_in_plain_words(self, admin, dead, foreign, world):
        skipped = owed(
            world.facilities[0],
            "skipped",
            error="props was not switched on. Switch it on, then send this again.",
        )
        page = admin.get(STOPPED)
        assert page.status_code == 200
        assert "A server or a line it needs did not answer" in page.text
        assert f'value="{dead}"' in page.text
        assert f'value="{foreign}"' not in page.text
        assert f'value="{skipped}"' not in page.text
        assert "Switch it on, then send this again" in admin.get(f"{STOPPED}?state=skipped").text
        assert "Nobody has given anything up" in admin.get(f"{STOPPED}?state=given_up").text
        for strange in ("?state=x", "?before=x", "?before=99999999999999999999"):
            assert admin.get(f"{STOPPED}{strange}").status_code == 404

    def test_the_list_is_bounded_and_goes_on(self, admin, world):
        numbers = [owed(world.facilities[0], "dead") for _ in range(52)]
        page = admin.get(STOPPED)
        assert page.text.count('name="rowid"') == 50
        assert f"before={numbers[2]}" in page.text
        assert admin.get(f"{STOPPED}?before={numbers[2]}").text.count('name="rowid"') == 2

    def test_one_is_sent_again_and_that_is_kept(self, admin, dead):
        page = admin.get(f"{STOPPED}{dead}")
        assert "3 of 3" in page.text
        assert "no route to host" in page.text
        assert admin.post(f"{STOPPED}{dead}/retry").status_code == 302
        assert columns(dead) == (None, None, None, 0)
        after = admin.get(f"{STOPPED}{dead}").text
        assert "1 piece of work is sent again" in after
        assert "Ada Admin" in after
        assert "Sent again" in after
        admin.post(f"{STOPPED}{dead}/retry")
        assert "has not stopped" in admin.get(STOPPED).text

    def test_giving_up_needs_a_reason_and_can_be_taken_back(self, admin, dead, acting, world):
        admin.post(f"{STOPPED}{dead}/give-up", data={"reason": " "})
        assert columns(dead).given_up_at is None
        assert "Say why: one line is kept" in admin.get(STOPPED).text
        admin.post(f"{STOPPED}{dead}/give-up", data={"reason": "sent on paper"})
        assert columns(dead).given_up_at is not None
        assert f'value="{dead}"' not in admin.get(STOPPED).text
        assert f'value="{dead}"' in admin.get(f"{STOPPED}?state=given_up").text
        assert "sent on paper" in admin.get(f"{STOPPED}{dead}").text
        with acting("administrator", world.city):
            assert letters.backlog().dead == 0
        kept = people.run("select outbox_id, act, reason, actor, place_no from core.job_decision")
        assert kept == [(dead, "give_up", "sent on paper", kept[0].actor, world.facilities[0])]
        assert kept[0].actor.startswith("account:")
        admin.post(f"{STOPPED}{dead}/give-up", data={"reason": "again"})
        assert "has not stopped" in admin.get(STOPPED).text
        admin.post(f"{STOPPED}{dead}/retry")
        assert columns(dead) == (None, None, None, 0)

    def test_chosen_ones_are_asked_about_then_done_together(self, admin, dead, world, foreign):
        more = [owed(world.facilities[1], "dead") for _ in range(6)]
        chosen = [dead, *more]
        asked = admin.post(f"{STOPPED}chosen", data={"act": "give_up", "rowid": chosen})
        assert "Give 7 up?" in asked.text
        assert "7 records in all" in asked.text
        assert asked.text.count('name="rowid"') == 7
        data = {"act": "give_up", "rowid": chosen, "reason": "the test day"}
        assert admin.post(f"{STOPPED}act", data={**data, "rowid": [*chosen, foreign]}).status_code == 404
        assert columns(dead).given_up_at is None, "all or none"
        admin.post(f"{STOPPED}act", data=data)
        assert "7 pieces of work are given up" in admin.get(STOPPED).text
        assert (
            "Send 2 again?" in admin.post(f"{STOPPED}chosen", data={"act": "retry", "rowid": chosen[:2]}).text
        )
        admin.post(f"{STOPPED}act", data={"act": "retry", "rowid": chosen[:2]})
        assert columns(dead) == (None, None, None, 0)
        admin.post(f"{STOPPED}chosen", data={"act": "retry"})
        assert "tick the rows first" in admin.get(STOPPED).text
        assert admin.post(f"{STOPPED}chosen", data={"act": "delete", "rowid": dead}).status_code == 404
        too_many = admin.post(
            f"{STOPPED}act", data={"act": "retry", "rowid": list(range(1, letters.MOST + 2))}
        )
        assert too_many.status_code == 302
        assert "At most 200 can be chosen" in admin.get(STOPPED).text

    def test_foreign_work_is_not_there(self, admin, foreign):
        for answer in (
            admin.get(f"{STOPPED}{foreign}"),
            admin.post(f"{STOPPED}{foreign}/retry"),
            admin.post(f"{STOPPED}{foreign}/give-up", data={"reason": "x"}),
            admin.post(f"{STOPPED}chosen", data={"act": "retry", "rowid": foreign}),
            admin.post(f"{STOPPED}act", data={"act": "retry", "rowid": foreign}),
            admin.get(f"{STOPPED}x"),
        ):
            assert answer.status_code == 404
        assert columns(foreign).dead_at is not None

    def test_only_with_the_right(self, browser, person, world, dead, acting):
        person("dir", "director", world.facilities[0])
        browser.enter("dir")
        for path in (JOBS, STOPPED, f"{STOPPED}{dead}"):
            assert browser.get(path).status_code == 403
        assert browser.post(f"{STOPPED}{dead}/retry").status_code == 403
        with acting("director", world.facilities[0]), pytest.raises(Forbidden):
            letters.give_up([dead], reason="x")
        with acting("administrator", world.other_city), pytest.raises(NotFound):
            letters.give_up([dead], reason="x")

    def test_a_token_is_needed(self, admin, dead, config):
        config(WTF_CSRF_ENABLED=True)
        assert admin.post(f"{STOPPED}{dead}/retry").status_code == 400
        assert columns(dead).dead_at is not None

    def test_what_was_given_up_is_forgotten_after_a_month(self, admin, dead, app):
        from core.jobs.housekeeping import purge
        from core.security import scope as scopes

        admin.post(f"{STOPPED}{dead}/give-up", data={"reason": "sent on paper"})
        people.run("update core.outbox set given_up_at = now() - interval '31 days' where id = :id", id=dead)
        with scopes.system("test"):
            from core.db.base import db

            purge()
            db.session.commit()
        assert people.run("select 1 from core.outbox where id = :id", id=dead) == []
        assert people.run("select reason from core.job_decision where outbox_id = :id", id=dead) == [
            ("sent on paper",)
        ]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "No reason is on record"),
        ("UniqueViolation: duplicate key (core/x.py:3)", "contradicts records"),
        ("JobTimeoutException: 120 s", "took longer"),
        ("ValueError: the spring is broken (modules/props/jobs.py:9)", "The program made a mistake"),
        ("Its worker died or hung: no sign of life until the lease ran out.", "worker stopped in the middle"),
        ("NotStopped: Job 7 has not stopped. (core/jobs/letters.py:9)", "Job 7 has not stopped."),
        (
            "fees was not switched on anywhere. Switch it on.",
            "fees was not switched on anywhere. Switch it on.",
        ),
    ],
)
def test_failures_in_plain_words(app, error, words):
    assert words in str(in_words(error))
    assert "(core/" not in str(in_words(error))
