"""What lies in the letter box of the tests."""

from __future__ import annotations

import re
import shutil

import people

from core.host.running import running
from core.jobs import delivery, events
from core.web import post_box
from core.web.notices import NoticeRaised


def deliver():
    """Let everything that is due be done."""
    return delivery.drain()


def all_of(kind=None):
    """The letters of a kind, oldest first, after what is due was delivered."""
    deliver()
    found = post_box.letters(running().settings)
    return [one for one in found if kind in (None, one["kind"])]


def code(typed):
    """The newest six digits that came to an address."""
    last = "".join(c for c in typed if c.isdigit())[-4:] if "@" not in typed else typed.strip().lower()
    found = [one for one in all_of() if one["address"]["value"].endswith(last) and one["kind"].endswith(".code")]
    return re.search(r"(?<!\d)\d{6}(?!\d)", found[-1]["text"])[0]


def link(kind):
    """The path of the newest link of a kind."""
    return re.search(r"https?://[^/ ]+(/\S+)", all_of(kind)[-1]["text"])[1]


def raised(kind):
    """The notices of a kind that were raised, oldest first; each lies once for everybody who receives it."""
    rows = people.run("select payload from core.outbox where name = 'core.NoticeRaised' and handler = 'core.drop' order by id")
    found = [events.from_json(NoticeRaised, row[0]) for row in rows]
    return [one for one in found if one.kind == kind]


def empty():
    """Throw all letters away."""
    shutil.rmtree(post_box.folder(running().settings), ignore_errors=True)
