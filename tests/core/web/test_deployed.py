"""What lies beside the code on a server is not to be had from outside (ASVS V13.4.1, V13.4.3)."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from core.host.running import running

ROOT = Path(__file__).resolve().parents[3]
BESIDE = ("README.md", ".git/HEAD", ".git/config", "pyproject.toml", "config/prod.toml", "core/app.py")


def ways(app):
    """Ways from the root and from every folder of served files up to the root, plainly and in disguise."""
    starts = {"/"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            starts.add(app.url_map.bind("localhost").build(rule.endpoint, {"filename": "x"}).removesuffix("x"))
    for start in sorted(starts):
        yield start
        for up in ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "..%252f", "....//", "/"):
            for times in range(1, 9):
                yield start + up * times


def test_history_settings_and_programs_are_not_served(app, browser):
    assert (ROOT / "README.md").exists() and (ROOT / "pyproject.toml").exists()
    contents = [(ROOT / name).read_bytes()[:40] for name in BESIDE if (ROOT / name).is_file()]
    asked = 0
    for way in ways(app):
        for name in BESIDE:
            answer = browser.get("/", environ_overrides={"PATH_INFO": unquote(way + name)})  # as a server hands it on
            assert answer.status_code in (404, 308, 301, 400), (way, name)
            assert not any(content in answer.data for content in contents), (way, name)
            if answer.location:
                parts = urlsplit(answer.location)
                assert parts.netloc in ("", "localhost"), (way, name, answer.location)
                assert not parts.path.startswith(("//", "/\\")), (way, name, answer.location)
                assert browser.get(parts.path).status_code == 404, (way, name)
            asked += 1
    assert asked > 400


def test_the_control_a_served_file_is_found(app, browser):
    """From its folder, by its name: so the ways above begin where something is."""
    address = app.url_map.bind("localhost").build("theme.static", {"filename": "js/app.js"})
    assert browser.get(address).status_code == 200


def test_uploads_lie_where_nothing_is_served_or_run(app):
    """V5.3.1: neither under a folder of served files nor where Python looks for programs."""
    uploads = running().settings.home / "uploads"
    served = [Path(part.static_folder) for part in (app, *app.blueprints.values()) if part.static_folder]
    assert len(served) >= 1
    for folder in (*served, *(Path(place).resolve() for place in sys.path if place)):
        assert not uploads.resolve().is_relative_to(folder), folder
    assert not (ROOT / "var" / "uploads").is_relative_to(served[0]), "nor as `make run` keeps them"


@pytest.mark.parametrize("folder", ["", "js", "js/", "vendor/", "css/."])
def test_folders_are_not_listed(app, browser, folder):
    start = app.url_map.bind("localhost").build("theme.static", {"filename": "x"}).removesuffix("x")
    answer = browser.get(start + folder)
    assert answer.status_code == 404
    assert "map.js" not in answer.text and "leaflet" not in answer.text, "an error's page names neither"


def test_the_unit_hides_what_a_clone_brings():
    unit = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert "InaccessiblePaths=-/opt/dolbom/.git" in unit
    assert ".git" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
