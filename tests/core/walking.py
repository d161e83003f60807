"""Somebody who opens every address a page offers: what a visitor, a parent and people at work get to see."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from html import unescape
from urllib.parse import urlsplit

import sqlalchemy as sa
from browsing import Browser
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.db.base import db
from core.security import access
from core.security import scope as scopes
from modules.facilities.models import Facility
from modules.facilities.services import register
from modules.families.models import Family
from modules.families.services import add_child, found

#: A name that shows wherever it is not escaped, in text, attribute, script and style.
HOSTILE = "\"'><script>alert(1)</script><b onclick=x>{{7*7}}</style>"
WRITES = re.compile(r"^\s*(?:with\b.*?\b)?(insert\s+into|update|delete\s+from)\s+(?:only\s+)?([\w.\"]+)", re.IGNORECASE | re.DOTALL)


@dataclass
class Seen:
    """One answer, with the tables that were written while it was made."""

    who: str
    path: str
    endpoint: str
    answer: object
    wrote: tuple[str, ...]

    def __repr__(self):
        return f"{self.who} {self.path} {self.answer.status_code}"


def fill(world, parent):
    """Centres with rows worth reading, one of them with a hostile name, and a family with a hostile child."""
    with access.asking(), scopes.system("fill the pages"):
        for index in range(3):
            register(region_no=world.district, name=f"Centre {index} {HOSTILE if index else ''}", kind="HOME")
        db.session.execute(sa.update(Facility).values(published=True, status="open", capacity=20, enrolled=5))
        centre = db.session.scalar(sa.select(sa.func.min(Facility.id)))
        db.session.commit()
    mine = scopes.Scope(
        "user", f"account:{parent}", role="parent", account_id=parent, place=world.district, on_date=date(2026, 3, 2)
    )
    with access.asking(), scopes.use(mine):
        number = found(name=f"P {HOSTILE}", relation_to_child="mother", phone="+82 10-1234-5678")
        add_child(db.session.get(Family, number), name=f"C {HOSTILE}", born_on=date(2024, 5, 4))
        db.session.commit()
    return centre


class Walk:
    """From the start page along every link, and to every address without a parameter; at most `each` of one view."""

    def __init__(self, app, browser=None, who="visitor", each=3):
        self.app, self.who, self.each = app, who, each
        self.browser = browser or Browser(app)
        self.seen, self.known, self.visits = [], set(), Counter()

    def go(self, *more):
        todo = ["/", *more, *(r.rule for r in self.app.url_map.iter_rules() if "GET" in r.methods and not r.arguments)]
        while todo:
            path = todo.pop(0)
            endpoint = self.endpoint(path)
            if path in self.known or endpoint is None or self.visits[endpoint] >= self.each:
                continue
            self.known.add(path)
            self.visits[endpoint] += 1
            one = self.open(path, endpoint)
            todo += self.links(one.answer)
        return self.seen

    def endpoint(self, path):
        parts = urlsplit(path)
        if parts.netloc or parts.scheme or not parts.path.startswith("/"):
            return None
        try:
            return self.app.url_map.bind("localhost").match(parts.path, method="GET")[0]
        except Exception:  # noqa: BLE001  nothing is there, or it leads on
            return None

    def open(self, path, endpoint):
        written = []

        def note(_connection, _cursor, statement, *_rest):
            found = WRITES.match(statement)
            if found:
                written.append(found[2].replace('"', "").lower())

        event.listen(Engine, "before_cursor_execute", note)
        try:
            answer = self.browser.get(path)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        one = Seen(self.who, path, endpoint, answer, tuple(written))
        self.seen.append(one)
        return one

    @staticmethod
    def links(answer):
        found = [answer.location] if answer.location else []
        if answer.mimetype == "text/html":
            found += [unescape(href) for href in re.findall(r'<a\b[^>]*\bhref="([^"#]+)', answer.text)]
        return [urlsplit(one)._replace(scheme="", netloc="").geturl() if "//localhost" in one else one for one in found]
