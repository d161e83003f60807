"""Architecture check 4, off is invisible: each module is looked at as if it were off everywhere."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from flask import current_app
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule

from core.checks.finding import Result
from core.host import extension, hooks
from core.host.manifest import Manifest
from core.host.running import Running
from core.jobs import handlers
from core.regions import activation
from core.web import api, requests


def off_leaves_no_trace(here: Running) -> Result:
    """No page, question, slot, panel, job or line of the API's document of a module that is off."""
    bad = []
    for manifest in here.registry:
        if manifest.kind != "region":  # a region pack is data: regions are opened from it, not switched on
            with activation.hidden(manifest.name):
                bad += [f"{manifest.name}: {trace}" for trace in _traces(manifest)]
    return Result(
        "off-leaves-no-trace",
        "A module that is off leaves no trace.",
        "Begin the name of its blueprint with the module's name, and reach the module by hooks, slots, panels and jobs only.",
        bad,
    )


def _traces(manifest: Manifest) -> Iterator[str]:
    for rule in current_app.url_map.iter_rules():
        if _belongs(rule.endpoint, manifest) and _answers(rule):
            yield f"the page {rule.rule} answers"
    yield from (f"the API's document names {path}" for path in api.paths_of(manifest.name))
    yield from (trace for trace, modules in _reached().items() if manifest.name in modules)


def _reached() -> dict[str, list[str]]:
    """What the host reaches modules by other than by an address, and whom it reaches now."""
    work = [handler for handler in handlers.book().handlers.values() if activation.is_active(handler.module)]
    return {
        **{f"it is asked for {question}": names for question, names in hooks.asked().items()},
        **{f"it fills the slot {slot}": names for slot, names in extension.shown().items()},
        **{
            f"it has a panel in {model.__name__}": [panel.module for panel in extension.panels(model)]
            for model in list(extension.PANELS)
        },
        **{f"{handler.id} is called": [handler.module] for handler in work},
    }


def _belongs(endpoint: str, manifest: Manifest) -> bool:
    """By the name of its blueprint or by where its code lies: one of the two may be forgotten."""
    view: Any = current_app.view_functions[endpoint]
    owner = getattr(view, "__self__", None)  # pages of the office are methods
    home = type(owner).__module__ if owner is not None else getattr(inspect.unwrap(view), "__module__", "")
    return requests.module_of(endpoint) == manifest.name or home.startswith(f"{manifest.package}.")


def _answers(rule: Rule) -> bool:
    """Whether a request for this page gets past the gate, whatever its address carries."""
    # As one that reads, which no check of tokens stops before.
    with current_app.test_request_context() as context:
        context.request.url_rule, context.request.view_args = rule, {}
        context.request.routing_exception = None
        try:
            current_app.preprocess_request()
        except NotFound:
            return False
        return True


CHECKS = (off_leaves_no_trace,)
