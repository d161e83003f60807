"""Questions of machines."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import redis
import sqlalchemy as sa

from core.host.running import running
from core.testing import count_queries
from core.web import health
from core.web.metrics import EXTENSION, Metrics


def test_alive_without_any_server(browser):
    with count_queries(at_most=0):
        answer = browser.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_with_both_servers(browser):
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "redis": "ok"})


def test_not_ready_without_one(browser, app, monkeypatch):
    monkeypatch.setattr(
        app.extensions[EXTENSION], "redis", redis.Redis(unix_socket_path="/nowhere/valkey.sock")
    )
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"database": "ok", "redis": "away"})

    def gone():
        raise sa.exc.OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(health, "_ask_database", gone)
    assert browser.get("/readyz").json == {"database": "away", "redis": "away"}


@pytest.fixture
def metrics(app):
    """The counts, without those of other tests."""
    found = app.extensions[EXTENSION]
    found.hand_over(now=True)
    found.redis.delete(found.key)
    return found


def test_metrics_in_prometheus_form(browser, metrics):
    for _ in range(3):
        browser.get("/login")
    browser.get("/nowhere-김철수")
    text = browser.get("/metrics").text
    assert 'dolbom_requests_total{method="GET",route="/login",status="200"} 3' in text
    assert 'dolbom_requests_total{method="GET",route="-",status="404"} 1' in text
    assert 'dolbom_request_seconds_bucket{route="/login",le="+Inf"} 3' in text
    assert "dolbom_jobs_waiting 0" in text
    assert "김철수" not in text
    for line in text.splitlines():
        assert re.fullmatch(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+', line), line


def test_installations_that_share_a_redis_count_apart(browser, metrics):
    mine = running().servers
    other = Metrics(replace(mine, system_url="postgresql://dolbom_system:x@db.example/dolbom"))
    browser.get("/login")
    other.count("dolbom_requests_total", 'route="/elsewhere"')
    assert other.lines() == ['dolbom_requests_total{route="/elsewhere"} 1']
    assert "elsewhere" not in browser.get("/metrics").text
    other.redis.delete(other.key)


def test_metrics_wait_while_redis_is_away(browser, metrics, monkeypatch):
    real = metrics.redis
    monkeypatch.setattr(metrics, "redis", redis.Redis(unix_socket_path="/nowhere/valkey.sock"))
    browser.get("/login")
    metrics.hand_over(now=True)
    monkeypatch.setattr(metrics, "redis", real)
    assert 'dolbom_requests_total{method="GET",route="/login",status="200"} 1' in browser.get("/metrics").text


@pytest.mark.parametrize("address", ["10.0.0.7", "2001:db8::1", "203.0.113.9"])
def test_metrics_are_for_this_computer_only(browser, address):
    assert browser.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", ""])
def test_metrics_for_a_local_collector(browser, address):
    assert browser.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 200
