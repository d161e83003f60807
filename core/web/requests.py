"""Every request opens with a scope, passes its module's gate, and must have asked for access to answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from uuid import uuid4

import flask_babel
from flask import Flask, Response, abort, current_app, g, request, session
from flask_wtf import CSRFProtect

from core.db.base import db
from core.regions import activation
from core.regions.atlas import atlas
from core.security import access, identity, origins, sign_ins, viewing
from core.security import scope as scopes

#: Endpoints that answer what is public anyway, without looking at the session or the database.
OPEN_ENDPOINTS = {
    "static": "files of the theme",
    "theme.static": "files of the theme",
    "health.healthz": "whether the process lives",
    "health.readyz": "whether the servers answer",
    "health.metrics": "counts without names, to this computer only",
}
#: What a session keeps when its sign-in begins or ends.
KEPT = ("language",)
#: Ways out of a view that only looks; everything else that is no reading is refused in it.
LEAVING = ("account.post", "account.language", "security.logout")
READING = ("GET", "HEAD", "OPTIONS")
_OF_ONE_REQUEST = (
    "_login_user", "admitted", "second", "bare", "left", "csrf_token", "dolbom_language", "dolbom_shell", "dolbom_sprite", "own_scope", "view",
)  # fmt: skip


def install(app: Flask) -> None:
    """Wire the three doors into `app`, then the check of tokens; must run before any other before_request."""
    app.before_request(_open)
    app.after_request(_audit)
    app.teardown_request(_close)
    Tokens(app)


class Tokens(CSRFProtect):  # type: ignore[misc]  # flask_wtf has no types
    """The check of form tokens, which routes for machines do not carry: those prove themselves by a secret."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a form without its token."""
        if _reason("for_machines") is None:
            super().protect(apply_exemptions)


def _open() -> None:
    for name in _OF_ONE_REQUEST:  # a test or a command may serve several requests in one application context
        g.pop(name, None)
    g.request_id = uuid4().hex[:12]
    g.stack = ExitStack()
    g.stack.enter_context(access.asking())
    g.identity = None
    if request.endpoint in OPEN_ENDPOINTS:
        access.note(OPEN_ENDPOINTS[request.endpoint])
        return
    g.stack.enter_context(origins.coming_from(request.user_agent.string, request.remote_addr))
    who = g.identity = _signed_in()
    g.pop("dolbom_language", None)
    if who is None:
        g.stack.enter_context(scopes.public(language()))
    else:
        g.stack.enter_context(sign_ins.within(who.sign_in_id))
        g.own_scope = _seen_as(replace(who.scope, language=language()))
        g.stack.enter_context(scopes.public(language()) if _reads_as_visitor() else scopes.use(g.own_scope))
        # The version of the region tree came with the identity: nobody needs to ask for it again.
        db.session().info["atlas_version"] = who.version
        if g.view is not None and request.method not in READING and request.endpoint not in LEAVING:
            raise viewing.ViewOnly
    _gate()


def _seen_as(mine: scopes.Scope) -> scopes.Scope:
    """One's own scope, or that of the role one only looks as: then nothing is written, by any path (F-44)."""
    g.view = viewing.of(session.get("seen_as"), mine)
    if g.view is None:
        session.pop("seen_as", None)
        return mine
    g.stack.enter_context(viewing.looking())
    found: scopes.Scope = g.view.scope(mine)
    return found


def _reads_as_visitor() -> bool:
    """A public page is the same for everybody, also for whoever is signed in; what is written there is written as oneself."""
    return request.method in READING and _reason("open_to_all") is not None


@contextmanager
def as_oneself() -> Iterator[None]:
    """Work in the scope of the person signed in: on a public page, the frame still shows the way to their office."""
    mine = g.get("own_scope")
    if mine is None or mine is scopes.current():
        yield
        return
    version = atlas().version
    with scopes.use(mine):
        db.session().info["atlas_version"] = version  # the same request: nobody needs to ask for it again
        yield


def _signed_in() -> identity.Identity | None:
    """The person of this session; a session whose sign-in has ended is emptied."""
    uniquifier, key = session.get("_user_id"), session.get("sign_in")
    who = identity.identify(uniquifier, key, session.get("post")) if uniquifier and key else None
    if who is None and uniquifier:
        g.left = True  # core/web/headers.py: the browser forgets what was seen
        renew_session()
    return who


def renew_session(**values: object) -> None:
    """Begin the browser's session anew: nothing that was planted or left in it survives but the language."""
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept | values)
    g.pop("csrf_token", None)
    g.pop("dolbom_language", None)


def choose_language(code: str) -> None:
    """Speak this language to this browser from now on."""
    session["language"] = code
    g.pop("dolbom_language", None)
    flask_babel.refresh()


def language() -> str:
    """The language of this request: chosen, else the account's, else the browser's best match; a page asks hundreds of times."""
    kept: str | None = g.get("dolbom_language")
    if kept is None:
        kept = g.dolbom_language = _language()
    return kept


def _language() -> str:
    known = current_app.extensions["dolbom"].settings.languages
    chosen = session.get("language")
    who = g.get("identity")
    if chosen in known:
        return str(chosen)
    return (
        who.language
        if who and who.language in known
        else (request.accept_languages.best_match(known) or known[0])
    )


def _gate() -> None:
    """A module that is off has no routes: 404, as if it were not there."""
    module = module_of(request.endpoint)
    if module is not None and not activation.is_active(module):
        access.note(f"{module} is off")
        abort(404)
    if request.endpoint is not None and request.endpoint.endswith(".static"):
        access.note("files of a module")
    reason = _reason("open_to_all") or _reason("for_oneself") or _reason("for_machines")
    if reason:
        access.note(reason)


def _reason(mark: str) -> str | None:
    """Why the view of this request needs no permission, if it was marked so (core/security/access.py)."""
    reason: str | None = getattr(current_app.view_functions.get(request.endpoint or ""), mark, None)
    return reason


def module_of(endpoint: str | None) -> str | None:
    """The module a route belongs to: the first part of its blueprint's name, up to a dot or dash."""
    if endpoint is None or "." not in endpoint:
        return None
    name = endpoint.split(".")[0].split("-")[0]
    return name if name in current_app.extensions["dolbom"].registry.modules else None


def _audit(response: Response) -> Response:
    """A route that answered with content without asking is a bug in the making: refuse to answer."""
    if "stack" in g and request.endpoint is not None and response.status_code < 300 and not access.asked():
        raise access.NotAsked(
            f"{request.endpoint} answered without asking: call require('module.model.operation') in it, "
            "or mark it @open_to_all('why everybody may see this') or @for_oneself('why it concerns oneself only')."
        )
    response.headers.setdefault("X-Request-Id", g.get("request_id", ""))
    return response


def _close(_error: BaseException | None) -> None:
    stack = g.pop("stack", None)
    if stack is not None:
        stack.close()


def own_address(wanted: str | None) -> str:
    """A path of ours to return to; anything a browser could read as another host becomes the start page."""
    plain = wanted or "/"
    if (
        not plain.startswith("/")
        or plain.startswith(("//", "/\\"))
        or any(ord(c) < 32 or c == "\\" for c in plain)
    ):
        return "/"
    return plain
