"""Which moment of a rhythm was the last one due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.jobs.payloads import Field
from core.jobs.schedules import BadSchedule, Daily, Every, daily, every, schedule_of

WARSAW, SEOUL = "Europe/Warsaw", "Asia/Seoul"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "key"),
    [
        ("2026-11-21T17:00:00", SEOUL, "2026-11-22@Asia/Seoul"),  # 02:00 there
        ("2026-11-21T16:59:59", SEOUL, "2026-11-21@Asia/Seoul"),
        ("2026-11-21T01:00:00", WARSAW, "2026-11-21@Europe/Warsaw"),
        ("2026-11-21T00:59:59", WARSAW, "2026-11-20@Europe/Warsaw"),
    ],
)
def test_daily_follows_the_local_clock(now, zone, key):
    assert Daily(time(2)).latest(at(now), zone).key == key


def test_a_time_the_clocks_repeat_comes_once():
    keys = {
        Daily(time(2, 30)).latest(at("2026-10-25T00:00:00") + timedelta(minutes=n), WARSAW).key
        for n in range(240)
    }
    assert keys == {"2026-10-24@Europe/Warsaw", "2026-10-25@Europe/Warsaw"}
    assert Daily(time(2, 30)).latest(at("2026-10-25T00:30:00"), WARSAW).on == date(2026, 10, 25)


def test_a_time_the_clocks_skip_comes_once():
    keys = [
        Daily(time(2, 30)).latest(at("2026-03-29T00:00:00") + timedelta(minutes=n), WARSAW).key
        for n in range(180)
    ]
    assert sorted(set(keys)) == ["2026-03-28@Europe/Warsaw", "2026-03-29@Europe/Warsaw"]
    assert keys == sorted(keys)


def test_every_counts_in_utc_so_all_schedulers_agree():
    rhythm = Every(timedelta(hours=6))
    assert rhythm.latest(at("2026-11-21T11:59:00"), SEOUL).key == "2026-11-21T06:00Z"
    assert rhythm.latest(at("2026-11-21T12:00:00"), WARSAW).key == "2026-11-21T12:00Z"
    assert rhythm.latest(at("2026-11-21T18:00:00"), SEOUL).on == date(2026, 11, 22)


@pytest.mark.parametrize("wrong", ["2:00", "24:00", "02:60", "02.00", ""])
def test_a_wrong_time_is_refused(wrong):
    with pytest.raises(BadSchedule, match="write the time as 02:00"):
        daily(at=wrong)


def test_a_step_below_a_minute_is_refused():
    with pytest.raises(BadSchedule, match="at least one minute"):
        every()


def test_a_scheduled_job_takes_only_what_the_clock_can_give():
    @every(hours=1)
    def tidy():
        raise NotImplementedError

    assert schedule_of(
        tidy, "x.y.z", (Field("on", date), Field("zone", str), Field("deep", bool, optional=True))
    )
    with pytest.raises(BadSchedule, match="not child_id"):
        schedule_of(tidy, "x.y.z", (Field("child_id", int),))
    with pytest.raises(BadSchedule, match="not on"):
        schedule_of(tidy, "x.y.z", (Field("on", str),))
