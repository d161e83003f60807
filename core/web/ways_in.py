"""Pages of ours that the page to sign in leads to beside the library's own: registering, and help for who cannot get in."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint
from flask.sansio.blueprints import BlueprintSetupState


def offer(bp: Blueprint, name: str, endpoint: str) -> None:
    """Let the page to sign in lead to `endpoint`; templates know it as `ways_in.<name>`."""

    def tell(state: BlueprintSetupState) -> None:
        known = cast("dict[str, Any]", state.app.jinja_env.globals.setdefault("ways_in", {}))
        known[name] = endpoint

    bp.record(tell)
