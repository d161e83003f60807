"""Addresses of pages as people type them: for messages and papers, which are made where no request is."""

from __future__ import annotations

from typing import Any

from flask import current_app

from core.host.running import running


def site() -> str:
    """The address people reach this installation at, without a stroke at its end."""
    settings = running().settings
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def page_address(endpoint: str, **values: Any) -> str:
    """The whole address of a page, also in a job: `page_address("enrollment.application", number=12)`."""
    return site() + current_app.url_map.bind("").build(endpoint, values)
