"""What must not be kept is nowhere: national numbers in no dump, backup or log; names in no log (security.md)."""

from __future__ import annotations

import io
import json
import logging
import re
import zlib

import pytest
import sqlalchemy as sa

from core.db.backup import backup, container
from core.db.base import db
from core.host.running import running
from core.security import scope as scopes
from core.web import logs
from modules.families.models import Child
from tests.modules.families.test_pages import BEGIN, entered

__all__ = ["entered"]

KOREAN, POLISH, NAME = "901212-2345678", "44051401359", "별빛하늘"


@pytest.fixture
def logged(app):
    """Everything logged during a test, at the finest level."""
    stream = io.StringIO()
    handler = logs.handler(stream)
    root = logging.getLogger()
    before = {one: one.level for one in (root, logging.getLogger("dolbom"), logging.getLogger("sqlalchemy.engine"))}
    root.addHandler(handler)
    for one in before:
        one.setLevel(logging.DEBUG if one.name != "sqlalchemy.engine" else logging.WARNING)
    yield stream
    root.removeHandler(handler)
    for one, level in before.items():
        one.setLevel(level)


def dumped(tmp_path):
    """All text of the database as a backup holds it, and the bytes of the backup beside it."""
    file = tmp_path / "dolbom.backup"
    backup(running(), file)
    with container.reading(file) as found:
        rest = b"".join(found.archive.read(name) for name in found.archive.namelist() if name != "database.dump")
        packed = found.archive.read("database.dump")
    return plain(packed) + rest


def plain(packed):
    """What pg_dump's own format holds, its compressed blocks opened."""
    found, at = [packed], 0
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", packed):
        if start.start() < at:
            continue
        opener = zlib.decompressobj()
        try:
            found.append(opener.decompress(packed[start.start():]))
        except zlib.error:
            continue
    return b"\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("number", [KOREAN, POLISH, KOREAN.replace("-", "")])
def test_a_national_number_is_refused_in_every_field_and_kept_nowhere(entered, world, tmp_path, logged, number):
    mother = entered("parent", world.district, "mother")
    for field in ("name", "phone", "email", "postal"):
        answer = mother.post("/my/family", {**BEGIN, field: f"{BEGIN[field]} {number}"})
        assert answer.status_code == 422 and "national number" in answer.text, field
        assert number not in answer.text, "it is not shown again"
    assert mother.post("/my/family", {**BEGIN, "name": NAME}).status_code == 302
    page = mother.post("/my/family/children/new", {"name": "별아", "born_on": "2024-05-04"}).headers["Location"]
    for address, fields in (
        (f"{page}/collectors", {"name": number, "phone": "010-1234-5678", "relation": number}),
        ("/my/family/data/requests", {"kind": "correct", "text": f"Please correct {number}"}),
        (f"{page}/correct", {"name": number, "born_on": "2024-05-04"}),
    ):
        assert mother.post(address, fields).status_code == 422, address
    desk = entered("front_desk", world.facilities[0], "desk")
    form = {"name": "달님", "born_on": "2024-03-02", "guardian": f"달님 엄마 {number}", "relation": "mother", "phone": "010-7777-8888"}
    assert desk.post("/office/families/counter/register", form).status_code == 422
    kept = dumped(tmp_path)
    assert "별아".encode() in kept, "the search finds what is there"
    assert number.encode() not in kept
    assert number.replace("-", "").encode() not in kept
    said = logged.getvalue()
    assert said.count("\n") > 10 and all(json.loads(line) for line in said.splitlines())
    for secret in (number, number.replace("-", ""), NAME, "별아", "달님", "010-1234-5678", "01012345678"):
        assert secret not in said, secret


def test_what_is_a_password_may_look_like_anything(entered, world, client):
    """Nobody is told by a refusal of ours what makes a password: the field is not read here."""
    from core.web import typed_numbers

    with client.application.test_request_context("/login", method="POST", data={"password": KOREAN}):
        typed_numbers._look()
    with client.application.test_request_context("/login", method="POST", data={"username": KOREAN}), pytest.raises(typed_numbers.NationalNumber):
        typed_numbers._look()
    with scopes.system("look"):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Child)) == 0
