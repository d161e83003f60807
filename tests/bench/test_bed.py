"""The ground of a bench is a real one: as many centres as said, found by search and list."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bench.bed import Bed, cookies, fill
from bench.ours.list_page import LIST
from core.db.base import db
from core.host.running import running
from core.security import access
from core.security import scope as scopes


@pytest.fixture
def made(app, world):
    """The installation of the tests as a bench sees its own."""
    here = running()
    return Bed(here.settings.home, {}, here.settings, here.servers, [app])


def count():
    with access.asking(), scopes.system("count"):
        return db.session.scalar(sa.text("select count(*) from facilities.facility"))


def test_filling_anew_leaves_exactly_so_many(made):
    for wanted in (5, 3, 45):
        fill(made, wanted)
        assert count() == wanted
    shown = made.app.test_client().get("/facilities").text.count('name="f"')
    assert 20 <= shown <= 30, "two districts of three are where the register is on; one in eleven is closed"


def test_officers_of_a_bench_are_signed_in(made, monkeypatch):
    monkeypatch.setattr("bench.bed.CITY", "XA-1")
    fill(made, 5)
    [cookie] = cookies(made, 1)
    client = made.app.test_client(use_cookies=False)
    found = client.get(LIST, headers={"Cookie": cookie})
    assert (found.status_code, found.location) == (200, None)
    assert client.get(LIST).location == f"/login?next={LIST}", "without it the figures would be those of a visitor"
