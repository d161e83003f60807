"""One line of JSON for each event and request; no name, number, address line or typed text ever enters it.

What people typed hides in arguments, exception texts and addresses. So a line holds the constant template of
a message and facts from a short list, an exception's type and places, a route's rule instead of its address,
a keyed hash of the tenant.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from flask import Flask, Response, g, has_request_context, request

from core.config import ROOT, Settings
from core.security import scope as scopes

#: Keys of `extra={"facts": {...}}` that may be written: counts, codes and names of our own making.
FACTS = frozenset(
    {
        "attempt",
        "code",
        "count",
        "job",
        "kind",
        "method",
        "module",
        "ms",
        "name",
        "queue",
        "role",
        "route",
        "seconds",
        "state",
        "status",
        "tenant",
        "version",
    }
)
#: Their templates are constants of ours; other libraries format text into the message before they log it.
_OURS = "dolbom"
_FRAMES = 12


class Line(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write what is known to be harmless."""
        ours = record.name == _OURS or record.name.startswith(_OURS + ".")
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg) if ours else f"{record.module}:{record.lineno}",
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        facts = getattr(record, "facts", None) or {}
        line.update({key: value for key, value in facts.items() if key in FACTS})
        if record.exc_info and record.exc_info[1] is not None:
            line.update(_failure(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def _failure(error: BaseException) -> dict[str, Any]:
    """Type, our code if it has one, and the places it passed, innermost last; its text may quote a record."""
    frames = _told(traceback.extract_tb(error.__traceback__))
    found = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": [
            f"{frame.filename.removeprefix(f'{ROOT}/')}:{frame.lineno} {frame.name}" for frame in frames
        ],
    }
    cause = error.__cause__ or error.__context__
    if cause is not None:
        found["cause"] = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return found if not hasattr(error, "code") else {**found, "error_code": str(error.code)}


def _told(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Our own steps first, however deep a library went after them, and where it ended."""
    ours = [n for n, frame in enumerate(frames) if frame.filename.startswith(f"{ROOT}/") and ".venv" not in frame.filename]
    last = range(max(0, len(frames) - 3), len(frames))
    return [frames[n] for n in sorted({*ours[-_FRAMES:], *last})]


def handler(stream: TextIO | None = None) -> logging.Handler:
    """A handler that writes our lines."""
    made = logging.StreamHandler(stream or sys.stderr)
    made.setFormatter(Line())
    made.set_name("dolbom")
    return made


def install(app: Flask, settings: Settings) -> None:
    """Log every request, and send every logger of this process through our lines, once."""
    root = logging.getLogger()
    if all(there.get_name() != "dolbom" for there in root.handlers):
        root.addHandler(handler())
    logging.getLogger(_OURS).setLevel(settings.log_level.upper())
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its access lines hold whole addresses
    for name in ("rq", "rq.worker"):  # what a worker does stands in the outbox; its module sets a level of its own
        logging.getLogger(name).setLevel(logging.WARNING)
    key = settings.secret_key.encode()

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        if not (request.endpoint or "").endswith("static"):
            _requests.info("request", extra={"facts": facts_of(response, key)})
        return response


_requests = logging.getLogger("dolbom.request")


def facts_of(response: Response, key: bytes) -> dict[str, Any]:
    """What is written of a request."""
    me = scopes.current_or_none()
    return {
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else "-",
        "status": response.status_code,
        "ms": round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
        "role": me.role or me.kind if me else "-",
        "tenant": tenant(me.place, key) if me and me.place is not None else "-",
    }


def tenant(place: int, key: bytes) -> str:
    """A mark of the place that only who has this installation's key can trace back."""
    return hmac.new(key, f"tenant:{place}".encode(), hashlib.sha256).hexdigest()[:12]
