"""The log's pages: its files rebuild the signed root, a noted head is compared, administrators name witnesses."""

from __future__ import annotations

import pytest

from core.db.base import db
from core.security import access
from core.security import scope as scopes
from modules.transparency import merkle, tiles
from modules.transparency.frontier import Frontier
from modules.transparency.notes import Checkpoint, Note
from modules.transparency.services import append
from modules.transparency.services.alarming import alarm
from modules.transparency.services.watching import witnesses
from modules.transparency.signing.mark import Mark
from modules.transparency.signing.sealing import Sealer
from tests.modules.families.test_pages import entered
from tests.modules.transparency.verifying.golden import LOG, ORIGIN, WITNESSES

__all__ = ["entered"]


@pytest.fixture
def sealed(app, tmp_path):
    with access.asking(), scopes.system("a signer at work"):
        for number in range(300):
            append("close", None, number=number)
        db.session.commit()
        assert Sealer(LOG, Mark(tmp_path / "mark.json", ORIGIN, Frontier())).turn() == 300


def test_the_served_files_give_the_signed_root(sealed, client):
    note = Note.read(client.get("/log/checkpoint").text)
    assert note.signed_by([LOG.verifier])
    head = Checkpoint.read(note.text)
    entries, hashes = [], []
    for tile in tiles.tiles_of(head.size):
        raw = client.get(f"/log/{tile.path}")
        assert raw.status_code == 200 and "immutable" in raw.headers["Cache-Control"]
        if tile.level < 0:
            entries += tiles.entries_of(raw.data, tile.width)
        elif tile.level == 0:
            hashes += tiles.hashes_of(raw.data, tile.width)
        else:
            assert tiles.hashes_of(raw.data, tile.width) == [merkle.root(hashes[:256])]
    assert [merkle.leaf_hash(entry) for entry in entries] == hashes
    assert merkle.root(hashes) == head.root


@pytest.mark.parametrize(
    "path", ["0/002", "0/001", "0/001.p/45", "0/001.p/0", "0/001.p/x", "9/000", "x/000", "0/01", "0/x000/1", "entries/001", "entries/001.p/300"]
)
def test_what_no_head_promises_is_not_handed_out(sealed, client, path):
    assert client.get(f"/log/tile/{path}").status_code == 404


def test_without_a_seal_there_is_nothing_and_the_page_says_so(app, client):
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log/notice.pdf").status_code == 404
    assert "Nothing is sealed yet" in client.get("/log").text
    assert client.get("/log/policy.txt").text.startswith("#")


def test_a_head_noted_from_a_notice_board_is_compared(sealed, client):
    root = Checkpoint.read(Note.read(client.get("/log/checkpoint").text).text).root.hex()
    grouped = " ".join(root[at : at + 4] for at in range(0, 64, 4))
    assert "Yes: this log was sealed" in client.get("/log", query_string={"size": 300, "root": grouped.upper()}).text
    assert "has another root" in client.get("/log", query_string={"size": 300, "root": "00" * 32}).text
    assert "has another root" in client.get("/log", query_string={"size": 300, "root": root[:4]}).text, "too little is no agreement"
    assert "never sealed with 299" in client.get("/log", query_string={"size": 299, "root": root}).text
    assert client.get("/log", query_string={"size": "x", "root": "<script>"}).status_code == 200


@pytest.mark.needs("pdf")
def test_the_notice_is_a_paper_with_the_root(sealed, client):
    assert client.get("/log/notice.pdf").data.startswith(b"%PDF")


def test_administrators_name_witnesses_and_see_alarms(sealed, entered, world, client):
    with scopes.system("an alarm"):
        alarm("list", "F-1/rolling-2: what is shown is not what the log says at 3 leaves.")
        db.session.commit()
    admin = entered("administrator", world.city, "admin")
    base = "/office/transparency/log"
    page = admin.get(f"{base}/").text
    assert "what is shown is not what the log says" in page and "No witness is asked yet" in page
    for vkey, url in (("nonsense", "https://a.example"), (str(WITNESSES[0].verifier), "nowhere")):
        assert admin.post(f"{base}/witness", {"vkey": vkey, "url": url}).status_code == 422
    assert admin.post(f"{base}/witness", {"vkey": str(WITNESSES[0].verifier), "url": "https://a.example"}).status_code == 302
    with scopes.public():
        (one,) = witnesses()
    assert "witness1.example" in client.get("/log").text
    assert admin.post(f"{base}/witness/{one.id}/end", {}).status_code == 302
    assert admin.post(f"{base}/witness/{one.id}/end", {}).status_code == 404
    director = entered("director", world.facilities[0], "director")
    assert director.get(f"{base}/").status_code == 403
    assert director.post(f"{base}/witness", {"vkey": "x", "url": "y"}).status_code == 403


def test_the_verifying_page_and_its_programs(client):
    page = client.get("/log/verify")
    assert page.status_code == 200 and 'type="module"' in page.text
    assert client.get("/log/verify.js").data.startswith(b"// Verify receipts")
    assert client.get("/log/verify.py").data.startswith(b"#!/usr/bin/env python3")
