"""Counts of requests for Prometheus, summed over all worker processes in Redis, without a name in them."""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock

import redis
from flask import Flask, Response, g, request

from core.db.servers.address import REDIS_TIMEOUTS, Servers

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
EXTENSION = "dolbom_metrics"
_EVERY = 5.0


class Metrics:
    """Counts in memory, handed to Redis every few seconds: one round trip for many requests."""

    def __init__(self, servers: Servers) -> None:
        self.redis = redis.Redis.from_url(servers.redis_url, **REDIS_TIMEOUTS)
        self.key = servers.in_redis("metrics")
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        self._handed = time.monotonic()

    def count(self, name: str, labels: str, by: float = 1) -> None:
        """Add to one figure."""
        with self._lock:
            self._counts[f"{name}{{{labels}}}"] += by  # type: ignore[assignment]  # seconds are no whole numbers

    def hand_over(self, *, now: bool = False) -> None:
        """Add this process's counts to those of all; without Redis they wait here."""
        if not now and time.monotonic() - self._handed < _EVERY:
            return
        with self._lock:
            mine, self._counts = self._counts, Counter()
            self._handed = time.monotonic()
        try:
            with self.redis.pipeline(transaction=True) as line:
                for figure, by in mine.items():
                    line.hincrbyfloat(self.key, figure, by)
                line.execute()
        except redis.RedisError:
            with self._lock:
                self._counts.update(mine)

    def lines(self) -> list[str]:
        """All figures in Prometheus' text form, sorted."""
        self.hand_over(now=True)
        found = self.redis.hgetall(self.key)
        return sorted(f"{figure.decode()} {float(value):g}" for figure, value in found.items())  # type: ignore[union-attr]


def install(app: Flask, servers: Servers) -> None:
    """Count every request but the theme's files."""
    metrics = app.extensions[EXTENSION] = Metrics(servers)

    @app.after_request
    def _count(response: Response) -> Response:
        if not (request.endpoint or "").endswith("static"):
            rule = request.url_rule.rule if request.url_rule else "-"
            seconds = time.perf_counter() - g.get("began", time.perf_counter())
            metrics.count(
                "dolbom_requests_total",
                f'method="{request.method}",route="{rule}",status="{response.status_code}"',
            )
            metrics.count("dolbom_request_seconds_sum", f'route="{rule}"', seconds)
            for edge in (*BUCKETS, float("inf")):
                if seconds <= edge:
                    name = "+Inf" if edge == float("inf") else f"{edge:g}"
                    metrics.count("dolbom_request_seconds_bucket", f'route="{rule}",le="{name}"')
            metrics.hand_over()
        return response
