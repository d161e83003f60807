"""The letter box of development: readable by its owner, one letter however often it is sent, refused in production."""

from __future__ import annotations

from dataclasses import replace

import letters
import pytest

from core.host.running import EXTENSION, running
from core.jobs import handlers
from core.security import contacts
from core.security import scope as scopes
from core.web import notices, post_box


@pytest.fixture
def raised(person, world):
    contacts.add(person("jan", "director", world.facilities[0]), "jan@example.org")
    return letters.raised("contact.code")[0]


def test_sent_twice_it_is_one_letter(raised):
    with scopes.system("twice"):
        for _n in range(2):
            post_box.drop(raised, idempotency_key="7")
    box = post_box.folder(running().settings)
    [path] = box.glob("*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert box.stat().st_mode & 0o777 == 0o700


def test_production_has_none(app, raised, monkeypatch):
    here = running()
    monkeypatch.setitem(app.extensions, EXTENSION, replace(here, settings=replace(here.settings, env="prod")))
    with pytest.raises(post_box.NotInProduction, match="install a module that sends messages"):
        post_box.folder(running().settings)
    with scopes.system("try"), pytest.raises(post_box.NotInProduction):
        post_box.drop(raised, idempotency_key="1")
    monkeypatch.setitem(app.extensions, "dolbom.jobs.parts", [])
    notices.install(app)
    assert app.extensions["dolbom.jobs.parts"] == []
    monkeypatch.setitem(app.extensions, "dolbom.jobs", None)
    assert not any("post_box" in h.call.__module__ for h in handlers.book().handlers.values())


def test_links_lead_where_people_reach_us(app, monkeypatch):
    here = running()
    assert notices.site() == f"http://{here.settings.host}:{here.settings.port}"
    monkeypatch.setitem(
        app.extensions, EXTENSION, replace(here, settings=replace(here.settings, public_url="https://care.example.org/"))
    )
    assert notices.site() == "https://care.example.org"
