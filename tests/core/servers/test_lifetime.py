"""Servers start with the first user, serve all, and leave with the last; whatever is killed in between."""

from __future__ import annotations

import os
import signal
import threading
import time

import psycopg
import pytest
import redis

from core.db.servers import attach
from core.db.servers.cluster import SETTINGS, cache

from .lab import Lab, answers, eventually, rings, rows


def test_a_cold_start_needs_nothing_and_the_second_user_waits_for_nothing(empty: Lab) -> None:
    with attach(empty.settings) as first:
        assert answers(first.servers.owner_url)
        assert rings(first.servers.redis_url)
        times = []
        for _ in range(5):
            begun = time.monotonic()
            with attach(empty.settings) as again:
                times.append(time.monotonic() - begun)
                assert again.servers == first.servers
        assert min(times) < 0.05
    eventually(lambda: not empty.processes())
    assert not empty.home.ready.exists()


def test_two_homes_side_by_side_share_nothing_and_open_no_port(lab: Lab, empty: Lab) -> None:
    with attach(lab.settings) as one, attach(empty.settings) as two:
        rows(one.servers.owner_url, "create table public.only_here (x int)")
        assert rows(two.servers.owner_url, "select to_regclass('public.only_here')") == [(None,)]
        for servers in (one.servers, two.servers):
            assert rows(servers.owner_url, "show listen_addresses") == [("",)]
            with redis.Redis.from_url(servers.redis_url) as bell:
                assert bell.config_get("port") == {"port": "0"}
        assert not set(lab.processes()) & set(empty.processes())


def test_many_at_once_start_one_guardian(lab: Lab) -> None:
    users = [lab.user() for _ in range(6)]
    assert len({lab.addresses(user)["owner"] for user in users}) == 1
    assert (lab.home.logs / "guardian.log").read_text().count("ready:") == 2  # the seed's and ours


def test_a_killed_user_leaves_the_servers_to_the_others(lab: Lab) -> None:
    one, two = lab.user(), lab.user()
    address = lab.addresses(one)["owner"]
    assert lab.addresses(two)["owner"] == address
    before = (lab.guardian, lab.postmaster, lab.valkey)
    one.kill()
    one.wait()
    time.sleep(1)
    assert (lab.guardian, lab.postmaster, lab.valkey) == before
    assert answers(address)
    two.kill()
    two.wait()
    eventually(lambda: not lab.processes())


def test_a_user_who_comes_while_the_servers_stop_gets_new_ones(lab: Lab) -> None:
    for _ in range(3):
        with attach(lab.settings) as attached:
            assert answers(attached.servers.app_url)
        time.sleep(0.3)  # about when the guardian finds nobody


def test_a_short_command_may_keep_them_for_the_next_one(lab: Lab) -> None:
    with attach(lab.settings, more_to_come=True):
        before = lab.guardian
    time.sleep(1)
    with attach(lab.settings):
        assert lab.guardian == before
    eventually(lambda: not lab.processes())


def test_the_servers_outlive_the_thread_that_started_them(lab: Lab) -> None:
    held = []
    thread = threading.Thread(target=lambda: held.append(attach(lab.settings)))
    thread.start()
    thread.join()
    time.sleep(1)
    assert answers(held[0].servers.owner_url)
    held[0].close()


def test_control_c_ends_the_user_only(lab: Lab) -> None:
    heard = ("env", "--default-signal=INT")  # whatever the shell of these tests ignores
    one = lab.user(prefix=heard, start_new_session=True)
    two = lab.user(prefix=heard, start_new_session=True, stderr=-3)
    address = lab.addresses(one)["owner"]
    lab.addresses(two)
    os.killpg(one.pid, signal.SIGINT)
    os.killpg(two.pid, 0)
    assert one.wait(10) != 0
    time.sleep(0.5)
    assert answers(address)


def test_a_user_started_in_the_background_of_a_script_stops_as_any_other(lab: Lab) -> None:
    """A shell starts `command &` with SIGINT ignored; PostgreSQL must still hear its fast stop."""
    user = lab.user(prefix=("env", "--ignore-signal=INT"))
    address = lab.addresses(user)["owner"]
    idle = psycopg.connect(address)
    idle.execute("select 1")  # an open transaction: a smart stop would wait for it
    user.kill()
    user.wait()
    eventually(lambda: not lab.processes())
    with pytest.raises(psycopg.OperationalError):
        idle.execute("select 1")


def test_the_guardian_ends_the_servers_in_order_when_told_to(lab: Lab) -> None:
    attached = attach(lab.settings)
    os.kill(lab.guardian, signal.SIGTERM)
    eventually(lambda: not lab.processes())
    assert "database system is shut down" in (lab.home.logs / "postgres.log").read_text()
    attached.heal()
    assert answers(attached.servers.owner_url)
    attached.close()


def test_terminal_signals_do_not_reach_the_guardian(lab: Lab) -> None:
    with attach(lab.settings) as attached:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            os.kill(lab.guardian, number)
        time.sleep(0.6)
        assert answers(attached.servers.owner_url)


@pytest.mark.parametrize(("gigabytes", "megabytes"), [(0.5, 128), (4, 128), (16, 512), (24, 768), (512, 1024)])
def test_the_cache_is_a_small_part_of_the_machine(gigabytes: float, megabytes: int) -> None:
    assert cache(int(gigabytes * 2**30)) == megabytes


def test_settings_of_the_server(lab: Lab) -> None:
    with attach(lab.settings) as attached:
        shown = dict(rows(attached.servers.admin_url or "", "select lower(name), source from pg_settings"))
        assert {name: shown[name] for name in SETTINGS if shown[name] != "configuration file"} == {}
        assert rows(attached.servers.owner_url, "show data_checksums") == [("on",)]
        assert rows(attached.servers.owner_url, "select upper('zażółć gęślą'), lower('ŁÓDŹ')") == [
            ("ZAŻÓŁĆ GĘŚLĄ", "łódź")
        ]


def test_no_value_of_a_refused_row_reaches_the_log(lab: Lab) -> None:
    with (
        attach(lab.settings) as attached,
        psycopg.connect(attached.servers.owner_url, autocommit=True) as owner,
    ):
        owner.execute("create table public.child (name text primary key check (length(name) < 12))")
        owner.execute("insert into public.child values ('Planted-A')")
        for name in ("Planted-A", "Planted-much-too-long"):
            with pytest.raises(psycopg.errors.IntegrityError):
                owner.execute(f"insert into public.child values ('{name}')".encode())
    assert "violates" in (lab.home.logs / "postgres.log").read_text()
    assert "Planted" not in (lab.home.logs / "postgres.log").read_text()
