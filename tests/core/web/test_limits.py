"""How often one may knock; without Redis signing in is closed and reading stays open."""

from __future__ import annotations

import pytest
import redis
from limits.storage import RedisStorage

from core.host.running import running
from core.web import limits


@pytest.fixture
def counted(app, monkeypatch):
    """Limits switched on, with fresh counters."""
    reading, entering = app.extensions[limits.EXTENSION]
    for limiter in (reading, entering):
        monkeypatch.setattr(limiter, "enabled", True)
        limiter.reset()
    yield reading, entering
    for limiter in (reading, entering):
        limiter.reset()


@pytest.fixture
def without_redis(counted, monkeypatch):
    away = RedisStorage("redis+unix:///nowhere/valkey.sock?db=0", socket_connect_timeout=0.2)
    for limiter in counted:
        monkeypatch.setattr(limiter.limiter, "storage", away)


def knock(browser, address="10.0.0.1"):
    return browser.post(
        "/login", data={"username": "", "password": ""}, environ_base={"REMOTE_ADDR": address}
    )


def test_sixty_attempts_a_minute_from_one_address(browser, counted):
    assert {knock(browser).status_code for _ in range(60)} == {200}
    answer = knock(browser)
    assert answer.status_code == 429
    assert "Too many requests" in answer.text
    assert int(answer.headers["Retry-After"]) <= 61
    assert knock(browser, "10.0.0.2").status_code == 200, "another address"
    assert browser.get("/login", environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 200, (
        "reading the page"
    )


def test_attempts_are_counted_under_this_installations_name(browser, counted):
    knock(browser)
    servers = running().servers
    names = [key.decode() for key in redis.Redis.from_url(servers.redis_url).keys("*10.0.0.1*")]
    assert names
    assert all(servers.in_redis("enter") in name or servers.in_redis("read") in name for name in names), names


def test_a_household_of_ipv6_counts_as_one(browser, counted):
    for index in range(60):
        knock(browser, f"2001:db8:1:2::{index + 1:x}")
    assert knock(browser, "2001:db8:1:2:ffff::1").status_code == 429
    assert knock(browser, "2001:db8:1:3::1").status_code == 200


def test_links_and_password_changes_are_counted_too(browser, counted):
    for _ in range(60):
        browser.post("/activate/x")
    assert browser.post("/activate/x").status_code == 429


def test_without_redis_signing_in_is_closed(browser, without_redis, person, world):
    person("jan", "director", world.facilities[0])
    answer = browser.enter("jan")
    assert answer.status_code == 503
    assert "not available for a moment" in answer.text


def test_without_redis_reading_is_open(browser, without_redis):
    for path in ("/login", "/facilities", "/healthz"):
        assert browser.get(path).status_code == 200


def test_reading_has_a_limit_of_its_own(browser, counted, monkeypatch):
    reading, _ = counted
    storage = reading.limiter.storage
    monkeypatch.setattr(storage, "incr", lambda *args, **facts: 10**9)
    assert browser.get("/login").status_code == 429
    assert browser.get("/healthz").status_code == 200, "machines are not counted"
