"""Papers, the other guardian, takeout, requests and erasure through the pages, as those who use them meet them."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from core.db.base import db
from core.jobs.delivery import drain
from core.security import scope as scopes
from modules.families import api
from tests.modules.families.test_pages import BEGIN, Person, entered

__all__ = ["Person", "entered"]

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def mother(entered, world):
    """A mother with a daughter: (browser, the daughter's page)."""
    person = entered("parent", world.district, "mother")
    person.post("/my/family", BEGIN)
    made = person.post("/my/family/children/new", {"name": "박서연", "born_on": "2024-05-04"})
    return person, made.headers["Location"]


def paper(kind="employment", content=PDF, name="../../../etc/passwd"):
    return {"kind": kind, "paper": (io.BytesIO(content), name)}


@pytest.mark.rule("S1-125")
def test_a_paper_goes_in_is_downloaded_decided_and_taken_back(mother, entered, world):
    parent, page = mother
    refused = parent.post(f"{page}/papers", paper(content=b"<html>"))
    assert refused.status_code == 422
    assert "no photograph" in refused.text
    for _ in range(2):
        assert parent.post(f"{page}/papers", paper()).status_code == 302
    first, second = sorted(set(re.findall(r'href="(/my/family/papers/\d+)"', parent.get(page).text)))
    file = parent.get(first)
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("attachment; filename=paper-")
    assert "passwd" not in file.headers["Content-Disposition"]
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    stranger = entered("parent", world.district, "stranger")
    assert stranger.get(first).status_code == 404
    assert stranger.post(f"{first}/take-back", {}).status_code == 404
    officer = entered("district_officer", world.district, "officer")
    assert "박서연" in officer.get("/office/families/papers/").text
    number = first.rsplit("/", 1)[1]
    assert officer.get(f"/office/families/papers/{number}").data == PDF
    assert officer.post(f"/office/families/papers/{number}/decide", {"act": "accept"}).status_code == 302
    assert officer.post(f"/office/families/papers/{second.rsplit('/', 1)[1]}/decide", {"act": "refuse"}).status_code == 302
    assert "counts" in parent.get(page).text
    assert parent.post(f"{first}/take-back", {}).status_code == 422
    assert parent.post(f"{second}/take-back", {}).status_code == 302
    assert second not in parent.get(page).text


def test_the_counter_records_a_paper_it_was_shown_and_hands_out_a_link(mother, entered, world):
    parent, page = mother
    child = int(page.rsplit("/", 1)[1])
    with scopes.system("a test lets a centre see a child"):
        family = api.children([child])[child].family_id
        api.share(child, family, world.facilities[0], "application")
        db.session.commit()
    desk = entered("front_desk", world.facilities[0], "desk")
    details = f"/office/families/children/details/?id={child}"
    assert desk.post(f"/office/families/papers/show/{child}", {"kind": "disability", "note": ""}).status_code == 302
    assert "Say which paper you saw" in desk.get(details).text
    desk.post(f"/office/families/papers/show/{child}", {"kind": "disability", "note": "card of 2025"})
    assert "card of 2025" in desk.get(details).text
    assert "shown at the counter" in parent.get(page).text
    parent.post("/my/family/guardians/new", {"name": "박민수", "relation": "father", "phone": "010-3333-4444"})
    address = re.findall(rf'action="(/office/families/papers/invite/{child}/\d+)"', desk.get(details).text)[-1]
    link = re.search(r'value="(http[^"]+/my/family/join/[^"]+)"', desk.post(address, {}).text)[1]
    father = entered("parent", world.district, "father")
    assert "박민수" in father.get(link).text
    assert father.post(f"{link}/yes", {}).status_code == 302
    assert "박서연" in father.get("/my/family").text
    assert father.get(link).status_code == 404
    other = entered("front_desk", world.facilities[1], "next")
    assert other.post(address, {}).status_code == 404


def test_a_guardian_is_invited_by_the_other(mother, entered, world):
    parent, _page = mother
    assert parent.post("/my/family/guardians/new", {"name": "", "relation": "father"}).status_code == 422
    made = parent.post("/my/family/guardians/new", {"name": "박민수", "relation": "father"})
    page = made.headers["Location"]
    assert "Make a link" in parent.get(page).text
    link = re.search(r'value="(http[^"]+/my/family/join/[^"]+)"', parent.post(f"{page}/invite", {}).text)[1]
    assert "act for this family already" in parent.post(f"{link}/yes", {}).text
    father = entered("parent", world.district, "father")
    assert father.post(f"{link}/yes", {}).status_code == 302
    assert parent.post(f"{page}/invite", {}).status_code == 302
    assert "an account of their own already" in parent.get(page).text
    assert 'action="' + page + "/invite" not in parent.get(page).text


def test_everything_is_taken_along(mother, world):
    parent, page = mother
    parent.post(f"{page}/papers", paper("medical"))
    assert "Make the ZIP file" in parent.get("/my/family/data").text
    answer = parent.post("/my/family/data/takeout", {})
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert "박서연" in archive.read("read-me.html").decode()
        assert "<script" not in archive.read("read-me.html").decode()
        assert [name for name in archive.namelist() if name.startswith("papers/")]
    answer.close()
    assert parent.get("/my/family/calendar.ics").text.startswith("BEGIN:VCALENDAR")


def test_a_request_goes_to_the_district_and_back(mother, entered, world):
    parent, page = mother
    child = page.rsplit("/", 1)[1]
    empty = parent.post("/my/family/data/requests", {"kind": "correction", "text": ""})
    assert empty.status_code == 422
    assert "few words" in empty.text
    assert parent.post("/my/family/data/requests", {"kind": "correction", "text": "<b>", "child": child}).status_code == 302
    assert "&lt;b&gt;" in parent.get("/my/family/data").text
    officer = entered("district_officer", world.district, "officer")
    listed = officer.get("/office/families/requests/")
    assert "Something is wrong" in listed.text
    address = re.search(r'href="(/office/families/requests/details/[^"]+)"', listed.text)[1].replace("&amp;", "&")
    number = re.search(r"id=(\d+)", address)[1]
    assert "The child it is about" in officer.get(address).text
    assert officer.post(f"/office/families/requests/{number}/answer", {"act": "done", "answer": ""}).status_code == 422
    assert officer.post(f"/office/families/requests/{number}/answer", {"act": "done", "answer": "Mended."}).status_code == 302
    assert "Mended." in parent.get("/my/family/data").text
    drain()
    answered = officer.get(address).text
    assert "What the family was told" in answered
    assert re.search(r"messages/details/\?id=\d+", answered), "the message, whom it went to and what became of it"
    elsewhere = entered("district_officer", world.neighbors[0] // 10**7 * 10**7, "elsewhere")
    assert elsewhere.get(address).status_code == 404


def test_a_child_is_erased_by_its_family_and_no_other(mother, entered, world):
    parent, page = mother
    stranger = entered("parent", world.district, "stranger")
    assert stranger.post(f"{page}/erase", {}).status_code == 404
    assert "for good" in parent.get(f"{page}/erase").text
    assert parent.post(f"{page}/erase", {}).status_code == 302
    assert parent.get(page).status_code == 404
    assert "박서연" not in parent.get("/my/family").text
