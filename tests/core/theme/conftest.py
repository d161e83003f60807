"""The theme's harness as fixtures: the app, and a server with a real Chromium for the tests marked `browser`."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

#: Pages are loaded from this machine; the time is for a machine busy with other tests.
PATIENCE = 120_000
#: A refusal's status is an answer, not a fault; a request the test cut off is the test's doing.
EXPECTED = ("Failed to load resource", "Failed to fetch")


@pytest.fixture(scope="session")
def theme_app() -> Any:
    """The harness application."""
    from theme_harness import create_app

    return create_app()


@pytest.fixture
def client(theme_app: Any) -> Any:
    """A caller of the harness."""
    return theme_app.test_client()


@pytest.fixture(scope="session")
def theme_url(theme_app: Any) -> Iterator[str]:
    """The harness on a loopback port."""
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, theme_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def contexts(chromium: Any) -> Iterator[dict[bool, Any]]:
    """One browsing context with scripts and one without: the theme's files are then fetched once."""
    made = {scripts: chromium.new_context(java_script_enabled=scripts) for scripts in (True, False)}
    for context in made.values():
        context.set_default_timeout(PATIENCE)
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def visit(contexts: dict[bool, Any], theme_url: str) -> Iterator[Any]:
    """`visit(path, width=…, dark=…)` opens a page; no script error and no breach of the policy may have happened at the end."""
    pages: list[Any] = []
    complaints: list[str] = []

    def note(message: Any) -> None:
        if message.type == "error" and not any(said in message.text for said in EXPECTED):
            complaints.append(message.text)

    def open_page(path: str, width: int = 1280, dark: bool = False, scripts: bool = True) -> Any:
        page = contexts[scripts].new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
        page.goto(theme_url + path)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert complaints == []
