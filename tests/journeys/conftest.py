"""The real application on a loopback port, people in it, and browsers that look at what a person sees."""

from __future__ import annotations

import logging
import os
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import people

from core.db.base import db
from core.regions.atlas import atlas
from core.security import access
from core.security import scope as scopes

#: A day at the screen takes minutes on a slow machine: it is asked for by name, `make journeys`.
collect_ignore_glob = [] if os.environ.get("JOURNEYS") else ["test_*.py"]
#: For a machine busy with other tests.
PATIENCE = 120_000
#: What no page and no part of one may answer: a fault of ours, or a limit an ordinary visit reaches.
BROKEN = {429, *range(500, 600)}
#: Where pictures of the pages go, if they are wanted: `PICTURES=docs/pictures make test ARGS=tests/journeys`.
PICTURES = os.environ.get("PICTURES")


@pytest.fixture
def office(app):
    """The application's address, with forms guarded as in production."""
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.config["WTF_CSRF_ENABLED"] = False


class Person:
    """Somebody at a screen."""

    def __init__(self, context, address, language, complaints):
        self.context, self.address, self.language = context, address, language
        self.page = context.new_page()
        self.page.on("console", lambda message: self._note(complaints, message))
        self.page.on("pageerror", lambda error: complaints.append(str(error)))
        self.page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status in BROKEN else None)

    @staticmethod
    def _note(complaints, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def go(self, path, picture=None):
        """Open a page; it must answer, be in the person's language and raise no serious barrier."""
        answer = self.page.goto(self.address + path)
        assert answer.status < 400, (path, answer.status, self.page.locator("main").inner_text()[:400])
        self.look(picture)
        return self.page

    def look(self, picture=None):
        """What axe finds on the page, and a picture if one is wanted."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.wait_for_load_state()
        assert self.page.locator("html").get_attribute("lang") == self.language
        found = Axe().run(self.page).response["violations"]
        grave = [
            (one["id"], [node["html"][:200] for node in one["nodes"][:3]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert grave == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url
        if PICTURES and picture:
            self.page.screenshot(path=Path(PICTURES) / f"{picture}-{self.language}.png")

    def sign_in(self, login):
        """Through the form, as everybody does."""
        self.page.goto(self.address + "/login")
        self.page.fill("[name=username]", login)
        self.page.fill("[name=password]", people.PASSWORD)
        self.page.click("form[name=login_user_form] button[type=submit]")
        self.page.wait_for_url("**/office/**")
        self.look()
        return self

    def said(self):
        """What the page tells after an act."""
        return self.page.locator("#notices").inner_text()


@pytest.fixture
def at_screen(chromium, office):
    """`at_screen("ko", width=390)` is somebody with a browser of their own."""
    contexts, complaints = [], []

    def sit(language, *, width=1280, dark=False):
        locale = {"ko": "ko-KR", "pl": "pl-PL", "en": "en-GB"}[language]
        context = chromium.new_context(
            locale=locale, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Person(context, office, language, complaints)

    yield sit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def centre(app):
    """An open daycare centre of 마포구 under Seoul's rules; gives its number and code."""
    from core.host.packs import open_with_modules
    from core.host.running import running

    with access.asking(), scopes.system("a city for a journey"):
        open_with_modules(running().registry, "KR-11", "kr_seoul", date(2024, 1, 1))
        db.session.commit()
        district = atlas().find("KR-11-440")
        from core.sdk import tree
        from modules.facilities.models import Facility
        from modules.facilities.services.register import search_text

        number = tree.allot(district.no)[0]
        db.session.add(
            Facility(
                id=number, region_no=district.no, code="F-JOURNEY", register="test", register_no="1", name="해님어린이집",
                search_text=search_text("해님어린이집", ""), name_sort="해님어린이집", kind="PRIVATE", status="open",
                published=True, capacity=20, enrolled=10,
            )
        )  # fmt: skip
        db.session.commit()
        return district.no, number
