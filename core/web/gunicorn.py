"""gunicorn's settings: the application is loaded once and forked; no connection is carried into a worker."""

from __future__ import annotations

import gc
from typing import Any

from core.config import load_settings

_settings = load_settings()
bind = f"{_settings.host}:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"


def when_ready(server: Any) -> None:
    """What was loaded before the fork is no garbage: never looked through again, its memory stays shared."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Forget the parent's connections: each process opens its own."""
    import wsgi
    from core.db.base import db

    with wsgi.app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
