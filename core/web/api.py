"""The OpenAPI surface: what programs may ask, described in one document, answered so that caches may keep it (S2-51)."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, APIFlask, Schema, fields, validators
from flask import Response, current_app, request

from core import __version__

__all__ = ["Api", "Refused", "Schema", "fields", "install", "validators"]

#: The document stands here; the second address is where programs of version 1 look for it.
SPEC_PATH = "/openapi.json"
SPEC_PATHS = (SPEC_PATH, "/api/v1/openapi.json")
SPEC_ENDPOINT = "openapi.spec"
#: Public answers may be kept this long (seconds); after that a cache asks whether they changed.
MAX_AGE = 60


class Refused(Schema):
    """An error as every part of the API answers it (core/web/errors.py)."""

    code = fields.String(metadata={"description": "What was refused, for programs."})
    message = fields.String(metadata={"description": "One sentence for people: what to do."})
    request_id = fields.String(metadata={"description": "Names this request in the log."})
    detail = fields.Raw(metadata={"description": "Wrong parameters by place and name, where there are any."})


class Api(APIBlueprint):
    """A module's `api_v1.py`: routes in the OpenAPI document, gated with their module like all others."""

    def __init__(self, module: str, import_name: str, *, title: str) -> None:
        super().__init__(f"{module}-api", import_name, tag=title)
        self.after_request(_kept)


def _kept(response: Response) -> Response:
    """Give an answer an ETag; public ones may be kept by any cache and read by any page (they need no cookie)."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    if getattr(view, "open_to_all", None):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers.setdefault("Cache-Control", f"public, max-age={MAX_AGE}")
    if response.direct_passthrough:  # a file: it brought its own
        return response
    response.add_etag()
    response.make_conditional(request)
    return response


def install(app: APIFlask) -> None:
    """Say in the document who we are and how errors look; open it under both addresses."""
    settings: dict[str, Any] = {
        # The document is made once: a server named by the first visitor's Host header would stay in it.
        "AUTO_SERVERS": False,
        "HTTP_ERROR_SCHEMA": Refused,
        "VALIDATION_ERROR_SCHEMA": Refused,
    }
    app.config.update(settings)
    app.version = __version__
    for path in SPEC_PATHS[1:]:
        app.add_url_rule(path, endpoint=SPEC_ENDPOINT)
