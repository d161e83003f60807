"""The OpenAPI surface: what programs may ask, described in one document, answered so that caches may keep it (S2-51).

The document names what is on somewhere: of a module that is off, nothing.
"""

from __future__ import annotations

import re
from typing import Any

from apiflask import APIBlueprint, APIFlask, Schema, fields, validators
from flask import Response, current_app, jsonify, request

from core import __version__
from core.regions import activation
from core.security.access import open_to_all

__all__ = ["Api", "Refused", "Schema", "fields", "install", "validators"]

#: The document stands here; the second address is where programs of version 1 look for it.
SPEC_PATH = "/openapi.json"
SPEC_PATHS = (SPEC_PATH, "/api/v1/openapi.json")
SPEC_ENDPOINT = "openapi.spec"
_SCHEMA = re.compile(r"#/components/schemas/([\w.-]+)")
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
        self.module = module
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
    app.view_functions[SPEC_ENDPOINT] = _answer


@open_to_all("what programs may ask, without any data")
def _answer() -> Response:
    return jsonify(document())


def document() -> dict[str, Any]:
    """The OpenAPI document without the modules that are off for whoever asks; made once for each set of them."""
    parts = [part for part in current_app.blueprints.values() if isinstance(part, Api)]
    off = frozenset(str(part.tag) for part in parts if not activation.is_active(part.module))
    made: dict[frozenset[str], dict[str, Any]] = current_app.extensions.setdefault("dolbom_api", {})
    if off not in made:
        app: Any = current_app
        made[off] = _without(off, app.spec)
    return made[off]


def paths_of(module: str) -> list[str]:
    """The paths of a module in the document as it stands for whoever asks."""
    mine = {
        str(part.tag)
        for part in current_app.blueprints.values()
        if isinstance(part, Api) and part.module == module
    }
    return [path for path, acts in document()["paths"].items() if _tags(acts) & mine]


def _tags(acts: dict[str, Any]) -> set[str]:
    return {tag for act in acts.values() if isinstance(act, dict) for tag in act.get("tags", ())}


def _without(off: frozenset[str], whole: dict[str, Any]) -> dict[str, Any]:
    """The document with the paths and tags of others only, and the schemas these name."""
    paths = {path: acts for path, acts in whole["paths"].items() if not _tags(acts) & off}
    schemas = whole.get("components", {}).get("schemas", {})
    left, named = [str(paths)], set[str]()
    while left:  # a schema may name another
        found = set(_SCHEMA.findall(left.pop())) & set(schemas) - named
        named |= found
        left += [str(schemas[name]) for name in found]
    kept = {name: schemas[name] for name in schemas if name in named}
    return {
        **whole,
        "paths": paths,
        "tags": [tag for tag in whole.get("tags", ()) if tag["name"] not in off],
        "components": {**whole.get("components", {}), "schemas": kept},
    }
