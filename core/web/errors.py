"""Every refusal and failure as a page or as JSON, whichever was asked for; never a stack trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import redis
import sqlalchemy as sa
from apiflask.exceptions import HTTPError
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from core.db.base import db
from core.db.servers.refusals import DiskFull
from core.errors import NO_ROOM, DolbomError, Forbidden, Refusal, ServerError
from core.security import scope as scopes
from core.security import viewing
from core.text import _
from core.web import limits

_PASSED_ON = ("Allow", "Retry-After")


class NotSignedIn(Refusal):
    """The page is for signed-in people."""

    code: ClassVar[str] = "sign-in.needed"
    http: ClassVar[int] = 401


@dataclass(frozen=True)
class Shown:
    """What the reader gets to know of an error."""

    status: int
    code: str
    message: str | None = None
    detail: Any = None
    headers: tuple[tuple[str, str], ...] = ()


def install(app: Flask) -> None:
    """Answer for every kind of error; what nobody foresaw becomes 500 and is logged without its values."""
    app.register_error_handler(DolbomError, lambda error: _answer(_of_ours(error)))
    app.register_error_handler(HTTPError, lambda error: _answer(_of_api(error)))
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(sa.exc.InternalError, _refused_by_database)
    for kind in (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, redis.RedisError):
        app.register_error_handler(kind, _server_away)
    app.register_error_handler(OSError, _no_room)


def _of_ours(error: DolbomError) -> Shown:
    if isinstance(error, Forbidden) and g.get("identity") is None:
        return Shown(401, NotSignedIn.code)
    if error.http >= 500 and not isinstance(error, (ServerError, Refusal)):
        current_app.logger.error("refused by the host: %s", error.code, exc_info=error)
        return Shown(error.http, error.code)  # the text is for programmers
    wait = getattr(error, "retry_after", None)
    return Shown(error.http, error.code, str(error), headers=(("Retry-After", str(wait)),) if wait else ())


def _of_api(error: HTTPError) -> Shown:
    return Shown(error.status_code, f"http.{error.status_code}", error.message, error.detail or None)


def _of_http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400 or error.response is not None:
        return error  # a redirect, or an answer somebody made on purpose
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, DolbomError):  # raised after the page had answered
        return _answer(_of_ours(cause))
    headers = tuple((name, value) for name, value in error.get_headers() if name in _PASSED_ON)
    if error.code == 429:
        headers = (*headers, ("Retry-After", str(limits.wait())))
    return _answer(Shown(error.code, f"http.{error.code}", headers=headers))


def _refused_by_database(error: sa.exc.InternalError) -> Response:
    if g.get("view") is None:
        raise error
    return _answer(_of_ours(viewing.ViewOnly()))


def _server_away(error: Exception) -> Response:
    current_app.logger.error("a server is away", exc_info=error)
    return _answer(Shown(503, ServerError.code, headers=(("Retry-After", "30"),)))


def _no_room(error: OSError) -> Response:
    if error.errno not in NO_ROOM:
        raise error
    current_app.logger.error("no room on the disk", exc_info=error)
    text = _("There is no room left to keep a file, and nothing of it was kept. Tell those who run Dolbom to free some space.")
    return _answer(Shown(503, DiskFull.code, str(text)))


def wants_json() -> bool:
    """Whether the caller is a program: the API always is, elsewhere it must prefer JSON."""
    if request.path.startswith("/api/"):
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json" and (
        accepted["application/json"] > accepted["text/html"]
    )


def _answer(shown: Shown) -> Response:
    _let_go()
    number = f"{shown.code} · {g.get('request_id', '')}"
    if wants_json():
        body = {"code": shown.code, "message": shown.message or "", "request_id": g.get("request_id", "")}
        response = jsonify(body if shown.detail is None else {**body, "detail": shown.detail})
        response.status_code = shown.status
    else:
        g.bare = shown.status >= 500  # the shell must not ask servers that may be the reason
        retry = dict(shown.headers).get("Retry-After")
        facts = {
            "status": shown.status,
            "id": number,
            "message": shown.message,
            "retry_after": retry,
            "back_url": _back(),
        }
        response = make_response(render_template("dolbom/error.html", error=facts), shown.status)
    response.headers.extend(dict(shown.headers))
    response.headers["Cache-Control"] = "no-store"
    return response


def _let_go() -> None:
    """A failed transaction answers nothing more: begin a new one for what the page shows."""
    if scopes.current_or_none() is not None:
        try:
            db.session.rollback()
        except sa.exc.SQLAlchemyError:
            db.session.remove()


def _back() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def not_signed_in() -> NotSignedIn:
    """The refusal for pages of signed-in people."""
    return NotSignedIn(_("This page is for signed-in people."))
