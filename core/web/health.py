"""Questions of machines: does the process live, can it serve, what has it done."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

import redis
import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, jsonify, request

from core.db.base import db
from core.security import scope as scopes
from core.web.metrics import EXTENSION, Metrics

bp = Blueprint("health", __name__)

_JOBS = sa.text(
    "select count(*) filter (where dead_at is null) as waiting, count(dead_at) as dead, "
    "coalesce(extract(epoch from clock_timestamp() - min(available_at) "
    "filter (where dead_at is null and available_at <= clock_timestamp())), 0) as oldest "
    "from core.outbox where done_at is null and skipped_at is null and given_up_at is null"
)


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers; no server is asked."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Database and Redis answer: send requests here, or do not."""
    found = {"database": _works(_ask_database), "redis": _works(_metrics().redis.ping)}
    return jsonify(found), 200 if all(state == "ok" for state in found.values()) else 503


@bp.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for a collector on this computer (a proxied caller has another address)."""
    if not _local():
        abort(404)
    lines = _metrics().lines()
    with scopes.system("metrics"):
        jobs = db.session.execute(_JOBS).one()
    lines += [
        f"dolbom_jobs_waiting {jobs.waiting}",
        f"dolbom_jobs_dead {jobs.dead}",
        f"dolbom_jobs_oldest_seconds {float(jobs.oldest):.1f}",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")


def _metrics() -> Metrics:
    found: Metrics = current_app.extensions[EXTENSION]
    return found


def _ask_database() -> None:
    with scopes.public():
        db.session.execute(sa.text("select v from core.activation_version")).one()


def _works(question: Callable[[], object]) -> str:
    try:
        question()
    except (sa.exc.SQLAlchemyError, redis.RedisError):
        return "away"
    return "ok"


def _local() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return not request.remote_addr  # a unix socket has no address
